# The learner's shell. Everything here runs before the first prompt, so it stays short.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
PS1='\[\e[1;36m\]\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
HISTCONTROL=ignoredups
alias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto'
shopt -s checkwinsize
