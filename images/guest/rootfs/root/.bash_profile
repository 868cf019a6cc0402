# The learner's shell. Everything here runs before the first prompt, so it stays short.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
PS1='\[\e[1;36m\]\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
alias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto'
shopt -s checkwinsize
export EDITOR=nano
command_not_found_handle() { /usr/lib/drydock/command-not-found "$1"; }
# Marks that no terminal shows and by which a lesson knows what was entered and how it ended (src/core/lesson/command-marks.ts): a command begins;
# at the next prompt its exit code, and what the history says of it. Lines that are pasted together begin one after the other and share a prompt.
HISTCONTROL=
PS0='\e]133;C;$?;$((entered += 1))\a'
PROMPT_COMMAND='printf "\e]133;D;$?\a\e]133;E;"; history $((entered)); printf "\a"; entered=0'
