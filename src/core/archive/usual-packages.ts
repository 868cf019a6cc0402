/**
 * What people install in containers and the own archive lacks. Only these, and what they need, are in the index from the beginning; all other packages of
 * Debian come into it when somebody wants them. Names that a suite does not have are passed over.
 */
export const USUAL_PACKAGES: readonly string[] = `
  acl apt-file apt-utils aria2 arping asciinema atop attr autoconf automake avahi-utils bash-completion bat bison bmon boxes bridge-utils bsdgames
  btop byobu ccze cloc cmake cmatrix colordiff conntrack cpio csvkit debootstrap debsums default-mysql-client dialog diffstat direnv dos2unix duf
  ed ethtool exa expect eza fail2ban fastfetch fd-find file fio fish flex fping fzf gawk gettext-base ghostscript git-lfs gosu haproxy hexedit
  hexyl hping3 httpie httping hwinfo hyperfine iftop imagemagick inotify-tools iotop ipcalc ipset ipvsadm jo joe just keepalived lbzip2 ldnsutils
  libffi-dev libpq-dev libssl-dev libxml2-utils lighttpd links logrotate lolcat lrzip lsb-release lshw lz4 lzop m4 man-db mariadb-client mc
  memstat miller moreutils mosquitto mosquitto-clients most msmtp multitail mutt mycli ncdu neofetch net-tools nethogs netperf nfs-common nftables
  ngrep nload nmap nnn numactl oathtool p7zip-full par2 parallel pass pbzip2 pciutils pgcli php-cli php-curl php-fpm php-mbstring php-mysql
  php-sqlite3 php-xml pigz pipx pkg-config plocate pngquant postfix pv pwgen python3-dev python3-flask python3-numpy python3-requests python3-venv
  python3-virtualenv python3-yaml qrencode ranger redis-sentinel rename restic ripgrep rsyslog ruby s-nail sed shellcheck siege silversearcher-ag
  snmp speedtest-cli sqlite3 squid sshfs sshpass stow strace stunnel4 subversion swaks sysbench syslog-ng-core sysstat tcpflow tidy tig tinyproxy
  toilet-fonts tor trash-cli tzdata udev ufw universal-ctags unrar-free util-linux-extra uuid-runtime varnish vnstat wait-for-it watchdog
  weechat-curses whiptail whois wrk xmlstarlet xxd yamllint yq zile zlib1g-dev zoxide zsh zstd
`
  .trim()
  .split(/\s+/);
