/*
 * The guest's agent: process 1 once the start script is done. It keeps the engine running, gives each terminal port
 * a shell, and answers the sandbox on the control port (/dev/hvc3). The other end is src/core/control.
 *
 * Frames, both ways: type (1 byte), channel (2 bytes, little endian), length (2 bytes), payload (at most MAX_PAYLOAD).
 *   from the sandbox                            to the sandbox
 *   'R' run: directory \0 command \0            'o' / 'e' bytes of standard output / error
 *   'D' dial: path of a unix socket, or :port   'x' ended: exit code, or 128 + signal (4 bytes)
 *   'd' bytes for a command or a connection     'd' bytes of a connection     'c' the other side will send no more
 *   'c' no more bytes (end of file)             'C' connection closed, or never opened: payload says why
 *   'K' kill a command, close a connection      's' status: five numbers as text
 *   's' status wanted                           'w' so many bytes of a channel were taken (4 bytes)
 *   'T' the time, milliseconds since 1970 (8)   'b' agent is up (sent once)
 *   'Z' zero all free memory, then 'z'
 *   'P' power off
 * Everything is one thread around poll(2): an idle agent costs no instructions.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MAX_PAYLOAD 4000
#define CHANNELS 64
#define QUEUE_LIMIT (256 * 1024)
#define TERMINALS 3
#define FIXED_POLLS 3

enum kind { FREE, COMMAND, CONNECTION };

struct channel {
  enum kind kind;
  uint16_t id;
  pid_t pid;                 /* of a command */
  int exited, code;          /* a command ends when it was reaped and its pipes are empty */
  int in, out, err;          /* pipes; a connection has in == out */
  int end_after_queue;       /* 'c' came while bytes were queued */
  unsigned char *queue;      /* bytes the sandbox sent that were not written yet */
  size_t queued;
};

static struct channel channels[CHANNELS];
static pid_t shells[TERMINALS];
static int control, proxy, wake[2];

/* ---- services: the engine's two daemons, restarted when they die ---- */

struct service {
  const char *name, *const *argv, *socket, *log;
  pid_t pid;
  int failures;
  time_t started;
};

static const char *const containerd_argv[] = {"/usr/bin/containerd", "--config", "/etc/containerd/config.toml", NULL};
static const char *const dockerd_argv[] = {"/usr/sbin/dockerd", "--containerd", "/run/containerd/containerd.sock", NULL};
static struct service services[] = {
    {"containerd", containerd_argv, "/run/containerd/containerd.sock", "/var/log/containerd.log", 0, 0, 0},
    {"dockerd", dockerd_argv, "/run/docker.sock", "/var/log/dockerd.log", 0, 0, 0},
};
#define SERVICES 2
#define MAX_FAILURES 5
/* After so long without dying a service counts as healthy, and what it died of before is forgotten. */
#define HEALTHY_SECONDS 60

/* Seconds that no change of the clock moves: the sandbox sets it after a restore. */
static time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

static void say(const char *text) {
  int console = open("/dev/console", O_WRONLY | O_NOCTTY);
  if (console < 0) return;
  if (write(console, text, strlen(text)) < 0) { /* nowhere left to complain */ }
  close(console);
}

static void child_defaults(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGCHLD, SIG_DFL);
}

/* The engine's daemons are Go programs. Left alone they collect garbage every two minutes even when nothing was allocated, and dockerd's
   every collection costs as much as a whole `docker run`: so they do it only when they have used 64 MiB. The proxy is ours: see
   refuse_outside. */
static const char *const service_environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TMPDIR=/tmp", "GOGC=off", "GOMEMLIMIT=64MiB",
    "HTTP_PROXY=http://127.0.0.1:3128", "HTTPS_PROXY=http://127.0.0.1:3128", "NO_PROXY=localhost,127.0.0.0/8,192.168.86.1", NULL};

static void start_service(struct service *service) {
  unlink(service->socket);
  service->started = now();
  service->pid = fork();
  if (service->pid != 0) return;
  child_defaults();
  setsid();
  /* When memory runs out, a learner's container goes, not the engine. What the engine starts gets its own score. */
  int score = open("/proc/self/oom_score_adj", O_WRONLY);
  if (score >= 0 && write(score, "-900", 4) == 4) close(score);
  int log = open(service->log, O_WRONLY | O_CREAT | O_APPEND, 0644), null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(log, 1);
  dup2(log, 2);
  execve(service->argv[0], (char *const *)service->argv, (char *const *)service_environment);
  _exit(127);
}

static int answers(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int ok = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
  if (fd >= 0) close(fd);
  return ok;
}

/* Starts what should run: dockerd only once containerd answers (it gives a slow containerd 15 s, then exits).
   Returns how long poll may sleep, in milliseconds. */
static int tend_services(void) {
  for (int i = 0; i < SERVICES; i++) {
    struct service *service = &services[i];
    if (service->pid) continue;
    if (service->failures > MAX_FAILURES) return -1;
    if (i > 0 && !answers(services[i - 1].socket)) return 100;
    if (service->failures && now() - service->started < service->failures) return 500;
    start_service(service);
  }
  return -1;
}

static int engine_state(void) {
  if (services[1].pid && answers(services[1].socket)) return 1;
  return services[0].failures > MAX_FAILURES || services[1].failures > MAX_FAILURES ? 2 : 0;
}

/* ---- control port ---- */

static void write_all(int fd, const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t n = write(fd, at, length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      struct pollfd ready = {fd, POLLOUT, 0};
      poll(&ready, 1, -1);
      continue;
    }
    if (n <= 0) return;
    at += n;
    length -= n;
  }
}

static void send_frame(char type, uint16_t id, const void *payload, size_t length) {
  unsigned char frame[5 + MAX_PAYLOAD] = {type, id & 255, id >> 8, length & 255, length >> 8};
  memcpy(frame + 5, payload, length);
  write_all(control, frame, 5 + length);
}

static void send_number(char type, uint16_t id, uint32_t number) {
  unsigned char bytes[4] = {number, number >> 8, number >> 16, number >> 24};
  send_frame(type, id, bytes, 4);
}

static struct channel *find(uint16_t id) {
  for (int i = 0; i < CHANNELS; i++)
    if (channels[i].kind != FREE && channels[i].id == id) return &channels[i];
  return NULL;
}

static struct channel *allot(enum kind kind, uint16_t id) {
  for (int i = 0; i < CHANNELS; i++)
    if (channels[i].kind == FREE) {
      channels[i] = (struct channel){.kind = kind, .id = id, .in = -1, .out = -1, .err = -1};
      return &channels[i];
    }
  return NULL;
}

static void shut(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static void release(struct channel *channel) {
  if (channel->in == channel->out) channel->in = -1;
  shut(&channel->in);
  shut(&channel->out);
  shut(&channel->err);
  free(channel->queue);
  channel->queue = NULL;
  channel->kind = FREE;
}

static void run_command(struct channel *channel, const char *directory, const char *command) {
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
    send_number('x', channel->id, 126);
    release(channel);
    return;
  }
  channel->pid = fork();
  if (channel->pid == 0) {
    child_defaults();
    setsid();
    dup2(in[0], 0);
    dup2(out[1], 1);
    dup2(err[1], 2);
    if (chdir(directory) != 0) {
      dprintf(2, "%s: %s\n", directory, strerror(errno));
      _exit(125);
    }
    execl("/bin/bash", "bash", "-c", command, NULL);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  close(err[1]);
  channel->in = in[1];
  channel->out = out[0];
  channel->err = err[0];
  fcntl(channel->in, F_SETFL, O_NONBLOCK);
}

static void dial(struct channel *channel, const char *target) {
  struct sockaddr_un unix_address = {.sun_family = AF_UNIX};
  struct sockaddr_in port_address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int is_port = target[0] == ':';
  if (is_port) port_address.sin_port = htons(atoi(target + 1));
  else strncpy(unix_address.sun_path, target, sizeof unix_address.sun_path - 1);
  int fd = socket(is_port ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int failed = is_port ? connect(fd, (struct sockaddr *)&port_address, sizeof port_address)
                       : connect(fd, (struct sockaddr *)&unix_address, sizeof unix_address);
  if (failed) {
    const char *why = strerror(errno);
    send_frame('C', channel->id, why, strlen(why));
    if (fd >= 0) close(fd);
    channel->kind = FREE;
    return;
  }
  fcntl(fd, F_SETFL, O_NONBLOCK);
  channel->in = channel->out = fd;
}

static void end_input(struct channel *channel) {
  if (channel->kind == CONNECTION) shutdown(channel->in, SHUT_WR);
  else shut(&channel->in);
}

static void drain_queue(struct channel *channel) {
  while (channel->queued > 0) {
    ssize_t n = write(channel->in, channel->queue, channel->queued);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) n = channel->queued; /* nobody reads any more: the bytes are lost, as in a shell's pipe */
    send_number('w', channel->id, n);
    memmove(channel->queue, channel->queue + n, channel->queued - n);
    channel->queued -= n;
  }
  if (channel->end_after_queue) end_input(channel);
}

static void take_input(struct channel *channel, const unsigned char *bytes, size_t length) {
  if (channel->in < 0 || channel->queued + length > QUEUE_LIMIT) {
    send_number('w', channel->id, length);
    return;
  }
  unsigned char *grown = realloc(channel->queue, channel->queued + length);
  if (!grown) return;
  channel->queue = grown;
  memcpy(grown + channel->queued, bytes, length);
  channel->queued += length;
  drain_queue(channel);
}

static void stop_channel(struct channel *channel) {
  if (channel->kind == COMMAND) kill(-channel->pid, SIGKILL);
  else release(channel);
}

static unsigned long long meminfo(const char *text, const char *key) {
  const char *at = strstr(text, key);
  return at ? strtoull(at + strlen(key), NULL, 10) * 1024 : 0;
}

static void send_status(void) {
  char text[2048] = "", line[160];
  int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  struct statvfs disk = {0};
  statvfs("/", &disk);
  int length = snprintf(line, sizeof line, "%llu %llu %llu %llu %d", meminfo(text, "MemTotal:"), meminfo(text, "MemAvailable:"),
                        (unsigned long long)disk.f_blocks * disk.f_frsize, (unsigned long long)disk.f_bavail * disk.f_frsize,
                        engine_state());
  send_frame('s', 0, line, length);
}

static void set_time(const unsigned char *bytes) {
  uint64_t milliseconds = 0;
  for (int i = 7; i >= 0; i--) milliseconds = milliseconds << 8 | bytes[i];
  struct timespec now = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  clock_settime(CLOCK_REALTIME, &now);
}

/* Takes nearly all free memory, fills it with zeros and gives it back: a saved state then holds no garbage. */
static void zero_free_memory(void) {
  pid_t pid = fork();
  if (pid == 0) {
    char text[2048] = "";
    int fd = open("/proc/meminfo", O_RDONLY);
    if (read(fd, text, sizeof text - 1) < 0) _exit(1);
    size_t length = meminfo(text, "MemFree:") - 6 * 1024 * 1024;
    char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) _exit(1);
    for (size_t at = 0; at < length; at += 4096) memory[at] = 0; /* the kernel clears a page before it lends it */
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  send_frame('z', 0, "", 0);
}

static void power_off(void) {
  kill(-1, SIGTERM);
  for (int i = 0; i < 50 && kill(-1, 0) == 0; i++) {
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
    usleep(100000);
  }
  kill(-1, SIGKILL);
  sync();
  reboot(RB_POWER_OFF);
}

static void handle_frame(char type, uint16_t id, unsigned char *payload, size_t length) {
  struct channel *channel = find(id);
  payload[length] = 0;
  switch (type) {
    case 'R':
    case 'D':
      channel = allot(type == 'R' ? COMMAND : CONNECTION, id);
      if (!channel) send_frame('C', id, "too many at once", 16);
      else if (type == 'D') dial(channel, (char *)payload);
      else run_command(channel, (char *)payload, (char *)payload + strlen((char *)payload) + 1);
      break;
    case 'd':
      if (channel) take_input(channel, payload, length);
      break;
    case 'c':
      if (channel && channel->queued) channel->end_after_queue = 1;
      else if (channel) end_input(channel);
      break;
    case 'K':
      if (channel) stop_channel(channel);
      break;
    case 's': send_status(); break;
    case 'T': set_time(payload); break;
    case 'Z': zero_free_memory(); break;
    case 'P': power_off(); break;
  }
}

/* Reads what the sandbox sent and handles each whole frame. */
static void read_control(void) {
  static unsigned char buffer[2 * (5 + MAX_PAYLOAD) + 1];
  static size_t have;
  ssize_t n = read(control, buffer + have, sizeof buffer - 1 - have);
  if (n <= 0) return;
  have += n;
  size_t at = 0;
  while (have - at >= 5) {
    size_t length = buffer[at + 3] | buffer[at + 4] << 8;
    if (length > MAX_PAYLOAD) { /* out of step: nothing after this can be trusted */
      say("agent: a damaged frame on the control port\n");
      have = at = 0;
      break;
    }
    if (have - at < 5 + length) break;
    unsigned char payload[MAX_PAYLOAD + 1];
    memcpy(payload, buffer + at + 5, length);
    handle_frame(buffer[at], buffer[at + 1] | buffer[at + 2] << 8, payload, length);
    at += 5 + length;
  }
  memmove(buffer, buffer + at, have - at);
  have -= at;
}

/* ---- the way out: there is none, and the engine shall say so at once instead of waiting for a name server ---- */

#define REFUSAL "This sandbox has no internet: use an image that 'docker images' lists"

static int open_proxy(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons(3128)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 16)) say("agent: no proxy port\n");
  return fd;
}

/* Answers the engine's CONNECT: Go shows the text after the status code as the error. */
static void refuse_outside(void) {
  static const char answer[] = "HTTP/1.1 503 " REFUSAL "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  char request[2048];
  struct timeval limit = {1, 0};
  int fd = accept4(proxy, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (recv(fd, request, sizeof request, 0) > 0) write_all(fd, answer, sizeof answer - 1);
  close(fd);
}

/* ---- commands and connections ---- */

static void finish_if_done(struct channel *channel) {
  if (channel->kind != COMMAND || !channel->exited || channel->out >= 0 || channel->err >= 0) return;
  send_number('x', channel->id, channel->code);
  release(channel);
}

static void read_output(struct channel *channel, int *fd, char type) {
  char bytes[MAX_PAYLOAD];
  ssize_t n = read(*fd, bytes, sizeof bytes);
  if (n > 0) {
    send_frame(type, channel->id, bytes, n);
    return;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (channel->kind == CONNECTION) {
    send_frame('C', channel->id, "", 0);
    release(channel);
    return;
  }
  shut(fd);
  finish_if_done(channel);
}

/* ---- terminals ---- */

static void start_shell(int index) {
  char device[16];
  snprintf(device, sizeof device, "/dev/hvc%d", index);
  shells[index] = fork();
  if (shells[index] != 0) return;
  child_defaults();
  setsid();
  int tty = open(device, O_RDWR);
  if (tty < 0) {
    sleep(1);
    _exit(1);
  }
  ioctl(tty, TIOCSCTTY, 1);
  struct termios modes;
  tcgetattr(tty, &modes);
  modes.c_iflag = ICRNL | IXON | IUTF8;
  modes.c_oflag = OPOST | ONLCR;
  modes.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
  modes.c_cflag = CS8 | CREAD | HUPCL | B38400;
  tcsetattr(tty, TCSANOW, &modes);
  dup2(tty, 0);
  dup2(tty, 1);
  dup2(tty, 2);
  if (tty > 2) close(tty);
  if (chdir("/workspace") != 0) { /* the shell then starts in / */ }
  execl("/bin/bash", "-bash", NULL);
  _exit(127);
}

static void reap(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    for (int i = 0; i < TERMINALS; i++)
      if (shells[i] == pid) start_shell(i);
    for (int i = 0; i < SERVICES; i++)
      if (services[i].pid == pid) {
        services[i].pid = 0;
        services[i].failures = now() - services[i].started < HEALTHY_SECONDS ? services[i].failures + 1 : 1;
        say("agent: ");
        say(services[i].name);
        say(" ended, starting it again\n");
      }
    for (int i = 0; i < CHANNELS; i++)
      if (channels[i].kind == COMMAND && channels[i].pid == pid) {
        channels[i].exited = 1;
        channels[i].code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        finish_if_done(&channels[i]);
      }
  }
}

static void on_child(int signal_number) {
  (void)signal_number;
  int saved = errno;
  if (write(wake[1], "", 1) < 0) { /* the pipe is full: poll wakes anyway */ }
  errno = saved;
}

static int open_control(void) {
  int fd;
  while ((fd = open("/dev/hvc3", O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) usleep(50000);
  struct termios modes;
  tcgetattr(fd, &modes);
  cfmakeraw(&modes);
  tcsetattr(fd, TCSANOW, &modes);
  return fd;
}

static int add_polls(struct pollfd *polls) {
  int count = 0;
  polls[count++] = (struct pollfd){control, POLLIN, 0};
  polls[count++] = (struct pollfd){wake[0], POLLIN, 0};
  polls[count++] = (struct pollfd){proxy, POLLIN, 0};
  for (int i = 0; i < CHANNELS; i++) {
    struct channel *channel = &channels[i];
    polls[count++] = (struct pollfd){channel->kind ? channel->out : -1, POLLIN, 0};
    polls[count++] = (struct pollfd){channel->kind ? channel->err : -1, POLLIN, 0};
    polls[count++] = (struct pollfd){channel->kind && channel->queued ? channel->in : -1, POLLOUT, 0};
  }
  return count;
}

int main(void) {
  struct pollfd polls[FIXED_POLLS + 3 * CHANNELS];
  setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  setenv("HOME", "/root", 1);
  setenv("USER", "root", 1);
  setenv("TERM", "xterm-256color", 1);
  setenv("LANG", "C.UTF-8", 1);
  if (pipe2(wake, O_CLOEXEC | O_NONBLOCK)) return 1;
  signal(SIGPIPE, SIG_IGN);
  struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
  sigaction(SIGCHLD, &action, NULL);
  control = open_control();
  proxy = open_proxy();
  for (int i = 0; i < TERMINALS; i++) start_shell(i);
  send_frame('b', 0, "", 0);
  for (;;) {
    int wait = tend_services();
    int count = add_polls(polls);
    if (poll(polls, count, wait) < 0) continue;
    if (polls[1].revents) {
      char bytes[64];
      while (read(wake[0], bytes, sizeof bytes) > 0) {}
      reap();
    }
    for (int i = 0; i < CHANNELS; i++) {
      struct pollfd *set = &polls[FIXED_POLLS + 3 * i];
      struct channel *channel = &channels[i];
      if (set[2].fd >= 0 && set[2].revents && channel->kind) drain_queue(channel);
      if (set[1].fd >= 0 && set[1].revents && channel->err == set[1].fd) read_output(channel, &channel->err, 'e');
      if (set[0].fd >= 0 && set[0].revents && channel->out == set[0].fd)
        read_output(channel, &channel->out, channel->kind == CONNECTION ? 'd' : 'o');
    }
    if (polls[2].revents) refuse_outside();
    if (polls[0].revents) read_control();
  }
}
