/*
 * The guest's agent: process 1 once the start script is done. It keeps the engine running, gives each terminal port
 * a shell, and answers the sandbox on the control port (/dev/vport*p3). The other end is src/core/control.
 *
 * Frames, both ways: type (1 byte), channel (2 bytes, little endian), length (2 bytes), payload (at most MAX_PAYLOAD).
 *   from the sandbox                            to the sandbox
 *   'R' run: directory \0 command \0            'o' / 'e' bytes of standard output / error
 *   'D' dial: path of a unix socket, or :port   'x' ended: exit code, or 128 + signal (4 bytes)
 *   'd' bytes for a command or a connection     'd' bytes of a connection
 *   'c' no more bytes (end of file)             'c' the program in the guest will send no more, but may still read
 *   'w' so many bytes of a connection were      'w' so many bytes of a channel were taken (4 bytes)
 *       dealt with (4 bytes)                    'C' connection closed, or never opened: payload says why
 *   'K' kill a command, close a connection      'B' connection broke: payload says why
 *   's' status wanted                           'O' a program in the guest opened a connection: payload says to what
 *   'T' the time, milliseconds since 1970 (8)   's' status: five numbers as text
 *   'Z' zero all free memory, then 'z'          'b' agent is up (sent once)
 *   'P' power off
 * The sandbox numbers its channels from 1, the agent those that the guest opens from GUEST_CHANNELS. Neither side sends more of a
 * channel than the other has room for: the sandbox counts what was not yet reported with 'w', and so does the agent (WINDOW). So one
 * channel that nobody reads never holds up another.
 *
 * The world outside is two addresses on the loopback interface (the start script makes them): the services of the sandbox, and the
 * internet, which is not there. The agent listens on both, hands each connection to the sandbox, and is the name server.
 *
 * Everything is one thread around poll(2) that waits for nothing else: an idle agent costs no instructions.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

/* With its head a frame then fills what the kernel's driver takes at once. */
#define MAX_PAYLOAD (32 * 1024 - 5)
/* Three descriptors for each command and one for each connection stay below the 1024 that a process may have. */
#define CHANNELS 512
#define MAX_COMMANDS 64
#define GUEST_CHANNELS 0x8000
/* Bytes of a connection on their way to the sandbox that it has not yet dealt with; above this the connection is not read. */
#define WINDOW (256 * 1024)
/* More than the sandbox ever has under way to one channel. */
#define QUEUE_LIMIT (512 * 1024)
/* How many bytes are taken before the sandbox is told: less than its window, so that it never waits for the rest. */
#define REPORT_BYTES (32 * 1024)
/* How long a program in the guest may take to accept a connection, or to read the end of one that the sandbox has left. */
#define PATIENCE_SECONDS 30
#define CONTROL_PORT 3

/* The lab's virtual machine (images/vm) has the same agent, but no engine, no world outside, and a small shell. */
#ifdef VIRTUAL_MACHINE
#define TERMINALS 1
#define SERVICES 0
#define LISTENERS 0
#define SHELL "sh"
#define START_FOLDER "/root"
#else
#define TERMINALS 3
#define SERVICES 2
#define LISTENERS 5
#define SHELL "bash"
#define START_FOLDER "/workspace"
#endif

enum kind { FREE, COMMAND, CONNECTION };

struct channel {
  enum kind kind;
  uint16_t id;
  pid_t pid;                 /* of a command */
  int exited, code;          /* a command ends when it was reaped and its pipes are empty */
  int in, out, err;          /* pipes; a connection has in == out, or out == -1 after its end of file */
  int connecting, leaving;   /* a connection that is not there yet, or that is closed once its queue is written */
  time_t deadline;           /* of these two */
  int end_after_queue;       /* 'c' came while bytes were queued */
  unsigned char *queue;      /* bytes the sandbox sent that were not written yet */
  size_t queued;
  size_t taken;              /* bytes written that the sandbox was not told of */
  size_t unacknowledged;     /* bytes sent to the sandbox that it has not dealt with */
};

/* Places where the guest's programs find the world outside. The port is not the one they ask for, see images/guest/rootfs/usr/lib/drydock/
   iptables.rules: a learner may publish a container's port 80, and dockerd then wants port 80 of every address for itself. A connection for
   TLS can only be refused, but in its own words, and the page hears where it was to go. */
struct listener {
  const char *address;
  int port;
  const char *service; /* what the sandbox is told */
  int fd;
};

static struct listener listeners[] = {
    {"10.86.0.1", 61080, "10.86.0.1:80", -1},
    {"10.86.0.1", 61443, "10.86.0.1:443", -1},
    {"10.86.0.2", 61080, "10.86.0.2:80", -1},
    {"10.86.0.2", 61443, "10.86.0.2:443", -1},
    {"127.0.0.1", 3128, "127.0.0.1:3128", -1}, /* the engine's HTTP proxy: see service_environment */
};
#define NAMES_ADDRESS "10.86.0.1"
#define NAMES_PORT 61053
#define NOWHERE "10.86.0.2"

static struct channel channels[CHANNELS];
static int used_channels; /* all channels in use are below this index */
static pid_t shells[TERMINALS];
static int control, names, wake[2];

/* ---- services: the engine's two daemons, restarted when they die ---- */

struct service {
  const char *name, *const *argv, *socket, *log;
  int has_group;
  pid_t pid;
  int failures;
  time_t started;
};

static const char *const containerd_argv[] = {"/usr/bin/containerd", "--config", "/etc/containerd/config.toml", NULL};
static const char *const dockerd_argv[] = {"/usr/sbin/dockerd", "--containerd", "/run/containerd/containerd.sock", NULL};
static struct service services[] = {
    {"containerd", containerd_argv, "/run/containerd/containerd.sock", "/var/log/containerd.log", 0, 0, 0, 0},
    {"dockerd", dockerd_argv, "/run/docker.sock", "/var/log/dockerd.log", 1, 0, 0, 0},
};
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
   every collection costs as much as a whole `docker run`: so they do it only when they have used 64 MiB. The proxy is ours: where the engine
   looks for a registry that the sandbox does not have, it is told so at once and in words. */
static const char *const service_environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TMPDIR=/tmp", "GOGC=off", "GOMEMLIMIT=64MiB",
    "HTTP_PROXY=http://127.0.0.1:3128", "HTTPS_PROXY=http://127.0.0.1:3128", "NO_PROXY=localhost,127.0.0.0/8,10.86.0.1", NULL};

/* A control group of dockerd's own. It looks there for whether memory limits can count swap: the root group has no such file, and each
   `docker run -m` would warn. */
#define ENGINE_GROUP "/sys/fs/cgroup/engine"

static void enter_group(void) {
  mkdir(ENGINE_GROUP, 0755);
  int fd = open(ENGINE_GROUP "/cgroup.procs", O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write(fd, "0", 1) < 0) { /* it then runs in the root group */ }
  if (fd >= 0) close(fd);
}

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
  if (service->has_group) enter_group();
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

static void write_control(const unsigned char *at, size_t length) {
  while (length > 0) {
    ssize_t n = write(control, at, length);
    if (n > 0) {
      at += n;
      length -= n;
    } else if (errno == ENOMEM) {
      usleep(10000);
    } else if (errno == EAGAIN) {
      struct pollfd ready = {control, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

/* Where frames are put together; the payload may have been read into it already. */
static unsigned char frame[5 + MAX_PAYLOAD];
#define FRAME_PAYLOAD (frame + 5)

static void send_frame(char type, uint16_t id, const void *payload, size_t length) {
  unsigned char head[5] = {type, id & 255, id >> 8, length & 255, length >> 8};
  memcpy(frame, head, 5);
  if (payload != FRAME_PAYLOAD) memcpy(FRAME_PAYLOAD, payload, length);
  write_control(frame, 5 + length);
}

static void send_text(char type, uint16_t id, const char *text) { send_frame(type, id, text, strlen(text)); }

static void send_number(char type, uint16_t id, uint32_t number) {
  unsigned char bytes[4] = {number, number >> 8, number >> 16, number >> 24};
  send_frame(type, id, bytes, 4);
}

static uint32_t number_of(const unsigned char *bytes) {
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static struct channel *find(uint16_t id) {
  for (int i = 0; i < used_channels; i++)
    if (channels[i].kind != FREE && channels[i].id == id) return &channels[i];
  return NULL;
}

static struct channel *allot(enum kind kind, uint16_t id) {
  int commands = 0;
  for (int i = 0; i < used_channels; i++) commands += channels[i].kind == COMMAND;
  if (kind == COMMAND && commands >= MAX_COMMANDS) return NULL;
  for (int i = 0; i < CHANNELS; i++)
    if (channels[i].kind == FREE) {
      channels[i] = (struct channel){.kind = kind, .id = id, .in = -1, .out = -1, .err = -1};
      if (i >= used_channels) used_channels = i + 1;
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
  while (used_channels > 0 && channels[used_channels - 1].kind == FREE) used_channels--;
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
    execl("/bin/" SHELL, SHELL, "-c", command, NULL);
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

/* Ends a connection with a frame that says how. */
static void close_channel(struct channel *channel, char type, const char *why) {
  send_text(type, channel->id, why);
  release(channel);
}

static void set_connected(struct channel *channel, int fd) {
  int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* small answers shall not wait for company */
  channel->in = channel->out = fd;
}

static void dial(struct channel *channel, const char *target) {
  struct sockaddr_un unix_address = {.sun_family = AF_UNIX};
  struct sockaddr_in port_address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int is_port = target[0] == ':';
  if (is_port) port_address.sin_port = htons(atoi(target + 1));
  else strncpy(unix_address.sun_path, target, sizeof unix_address.sun_path - 1);
  int fd = socket(is_port ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) {
    close_channel(channel, 'C', strerror(errno));
    return;
  }
  set_connected(channel, fd);
  int failed = is_port ? connect(fd, (struct sockaddr *)&port_address, sizeof port_address)
                       : connect(fd, (struct sockaddr *)&unix_address, sizeof unix_address);
  if (failed && errno != EINPROGRESS) close_channel(channel, 'C', strerror(errno));
  else if (failed) {
    channel->connecting = 1;
    channel->deadline = now() + PATIENCE_SECONDS;
  }
}

static void end_input(struct channel *channel) {
  channel->end_after_queue = 0;
  if (channel->kind == COMMAND) shut(&channel->in);
  else if (channel->out < 0) close_channel(channel, 'C', ""); /* both sides have said that they are done */
  else shutdown(channel->in, SHUT_WR);
}

static void report_taken(struct channel *channel, size_t count) {
  channel->taken += count;
  if (channel->taken < REPORT_BYTES) return;
  send_number('w', channel->id, channel->taken);
  channel->taken = 0;
}

/* Writes what a channel will take; gives how much that was. */
static size_t write_some(struct channel *channel, const unsigned char *bytes, size_t length) {
  size_t at = 0;
  while (at < length) {
    ssize_t n = write(channel->in, bytes + at, length - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n <= 0) n = length - at; /* nobody reads any more: the bytes are lost, as in a shell's pipe */
    at += n;
  }
  if (at > 0) report_taken(channel, at);
  return at;
}

/* A connection that only its writing can tell to be dead is given up when it is. */
static int is_broken(struct channel *channel) {
  int error = 0;
  socklen_t size = sizeof error;
  if (channel->kind != CONNECTION || channel->out >= 0) return 0;
  struct pollfd state = {channel->in, 0, 0};
  if (poll(&state, 1, 0) <= 0 || !(state.revents & (POLLERR | POLLHUP))) return 0;
  getsockopt(channel->in, SOL_SOCKET, SO_ERROR, &error, &size);
  if (channel->leaving) release(channel);
  else close_channel(channel, 'B', strerror(error ? error : EPIPE));
  return 1;
}

static void drain_queue(struct channel *channel) {
  size_t n = write_some(channel, channel->queue, channel->queued);
  memmove(channel->queue, channel->queue + n, channel->queued - n);
  channel->queued -= n;
  if (is_broken(channel) || channel->queued > 0) return;
  if (channel->leaving) release(channel);
  else if (channel->end_after_queue) end_input(channel);
}

/* The answer to a dial is there. */
static void finish_dial(struct channel *channel) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(channel->in, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) {
    close_channel(channel, 'C', strerror(error));
    return;
  }
  channel->connecting = 0;
  drain_queue(channel);
}

static void take_input(struct channel *channel, const unsigned char *bytes, size_t length) {
  if (channel->in < 0 || channel->queued + length > QUEUE_LIMIT) {
    report_taken(channel, length);
    return;
  }
  size_t n = channel->queued || channel->connecting ? 0 : write_some(channel, bytes, length);
  if (is_broken(channel) || n == length) return;
  unsigned char *grown = realloc(channel->queue, channel->queued + length - n);
  if (!grown) return;
  channel->queue = grown;
  memcpy(grown + channel->queued, bytes + n, length - n);
  channel->queued += length - n;
}

static void take_end(struct channel *channel) {
  if (channel->queued || channel->connecting) channel->end_after_queue = 1;
  else if (channel->in >= 0) end_input(channel);
}

static void stop_channel(struct channel *channel) {
  if (channel->kind == COMMAND) kill(-channel->pid, SIGKILL);
  else if (channel->queued && channel->end_after_queue) { /* said all it had to say: the guest shall get to read it */
    channel->leaving = 1;
    channel->out = -1;
    channel->deadline = now() + PATIENCE_SECONDS;
  } else release(channel);
}

static void acknowledge(struct channel *channel, size_t count) {
  channel->unacknowledged -= count < channel->unacknowledged ? count : channel->unacknowledged;
}

/* Gives up what took too long. Returns how long poll may sleep, in milliseconds. */
static int tend_connections(void) {
  int wait = -1;
  for (int i = 0; i < used_channels; i++) {
    struct channel *channel = &channels[i];
    if (channel->kind != CONNECTION || !(channel->connecting || channel->leaving)) continue;
    if (now() < channel->deadline) wait = 1000;
    else if (channel->leaving) release(channel);
    else close_channel(channel, 'C', strerror(ETIMEDOUT));
  }
  return wait;
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
  for (int i = 0; i < TERMINALS; i++) kill(shells[i], SIGHUP); /* a shell that somebody types into does not end for SIGTERM */
  for (int i = 0; i < 250; i++) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {}
    if (pid < 0) break; /* whatever loses its parent becomes ours: none is left */
    usleep(20000);
  }
  kill(-1, SIGKILL);
  sync();
  reboot(RB_POWER_OFF);
}

/* The payload is followed by one byte that may be written to. */
static void handle_frame(char type, uint16_t id, unsigned char *payload, size_t length) {
  struct channel *channel = find(id);
  unsigned char after = payload[length];
  switch (type) {
    case 'R':
    case 'D':
      payload[length] = 0;
      channel = allot(type == 'R' ? COMMAND : CONNECTION, id);
      if (!channel) send_text('C', id, "too many at once");
      else if (type == 'D') dial(channel, (char *)payload);
      else run_command(channel, (char *)payload, (char *)payload + strlen((char *)payload) + 1);
      payload[length] = after;
      break;
    case 'd':
      if (channel) take_input(channel, payload, length);
      break;
    case 'c':
      if (channel) take_end(channel);
      break;
    case 'w':
      if (channel && length == 4) acknowledge(channel, number_of(payload));
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

/* Reads what the sandbox sent and handles each whole frame. The driver gives at most a page at a time. */
static void read_control(void) {
  static unsigned char buffer[2 * (5 + MAX_PAYLOAD) + 1];
  static size_t have;
  ssize_t n;
  while (have < sizeof buffer - 1 && (n = read(control, buffer + have, sizeof buffer - 1 - have)) > 0) have += n;
  size_t at = 0;
  while (have - at >= 5) {
    size_t length = buffer[at + 3] | buffer[at + 4] << 8;
    if (length > MAX_PAYLOAD) { /* out of step: nothing after this can be trusted */
      say("agent: a damaged frame on the control port\n");
      have = at = 0;
      break;
    }
    if (have - at < 5 + length) break;
    handle_frame(buffer[at], buffer[at + 1] | buffer[at + 2] << 8, buffer + at + 5, length);
    at += 5 + length;
  }
  memmove(buffer, buffer + at, have - at);
  have -= at;
}

/* ---- the world outside ---- */

static int open_socket(int type, const char *address, int port) {
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr = {inet_addr(address)}, .sin_port = htons(port)};
  int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, (struct sockaddr *)&place, sizeof place) || (type == SOCK_STREAM && listen(fd, 256))) {
    say("agent: cannot listen on ");
    say(address);
    say("\n");
    shut(&fd);
  }
  return fd;
}

static void open_outside(void) {
  for (int i = 0; i < LISTENERS; i++) listeners[i].fd = open_socket(SOCK_STREAM, listeners[i].address, listeners[i].port);
  names = LISTENERS > 0 ? open_socket(SOCK_DGRAM, NAMES_ADDRESS, NAMES_PORT) : -1;
}

static uint16_t guest_channel(void) {
  static uint16_t next = GUEST_CHANNELS;
  while (find(next)) next = next == 0xffff ? GUEST_CHANNELS : next + 1;
  uint16_t id = next;
  next = next == 0xffff ? GUEST_CHANNELS : next + 1;
  return id;
}

/* Takes in what the guest's programs have opened and tells the sandbox. */
static void accept_all(const struct listener *listener) {
  int fd;
  while ((fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
    struct channel *channel = allot(CONNECTION, guest_channel());
    if (channel) {
      set_connected(channel, fd);
      send_text('O', channel->id, listener->service);
    } else {
      say("agent: too many connections at once, one was refused\n");
      close(fd);
    }
  }
}

/* What /etc/hosts says of a name, or 0. Only lines that begin with an IPv4 address count. */
static in_addr_t address_in_hosts(const char *name) {
  char line[512];
  in_addr_t found = 0;
  FILE *file = fopen("/etc/hosts", "re");
  while (file && !found && fgets(line, sizeof line, file)) {
    struct in_addr address;
    char *rest, *word = strtok_r(line, " \t\n", &rest);
    if (!word || !inet_aton(word, &address)) continue;
    while (!found && (word = strtok_r(NULL, " \t\n", &rest)))
      if (strcasecmp(word, name) == 0) found = address.s_addr;
  }
  if (file) fclose(file);
  return found;
}

#define DNS_HEAD 12
#define DNS_A 1
#define DNS_PTR 12
#define DNS_NO_SUCH_NAME 3
#define DNS_NOT_IMPLEMENTED 4
#define DNS_ANSWER 16

/* Reads the name at `at` of a query into `name`, with dots; gives where what follows begins, or 0 where it is no name. */
static size_t read_name(const unsigned char *message, size_t length, size_t at, char *name) {
  size_t used = 0;
  while (at < length && message[at] > 0) {
    size_t label = message[at++];
    if (label > 63 || at + label > length || used + label > 253) return 0;
    if (used > 0) name[used++] = '.';
    memcpy(name + used, message + at, label);
    used += label;
    at += label;
  }
  name[used] = 0;
  return at + 1;
}

/* Makes a query into its answer, in place; gives the answer's length, or 0 where there is nothing to say. */
static size_t answer_query(unsigned char *message, size_t length) {
  char name[256];
  if (length < DNS_HEAD || message[2] & 0x80) return 0;
  size_t at = read_name(message, length, DNS_HEAD, name);
  if (message[4] || message[5] != 1 || !at || at + 4 > length) return 0;
  int is_standard = (message[2] & 0x78) == 0, type = message[at] << 8 | message[at + 1];
  in_addr_t address = address_in_hosts(name);
  if (!address && strchr(name, '.')) address = inet_addr(NOWHERE);
  int code = !is_standard ? DNS_NOT_IMPLEMENTED : !address || type == DNS_PTR ? DNS_NO_SUCH_NAME : 0, has_answer = !code && type == DNS_A;
  message[2] = 0x84 | (message[2] & 0x79); /* an answer, and ours to give */
  message[3] = 0x80 | code;                /* recursion is available: some resolvers insist */
  memset(message + 6, 0, 6);
  message[7] = has_answer;
  at += 4;
  if (!has_answer) return at;
  static const unsigned char answer[DNS_ANSWER - 4] = {0xc0, DNS_HEAD, 0, DNS_A, 0, 1, 0, 0, 0, 60, 0, 4}; /* the name asked for, for 60 s */
  memcpy(message + at, answer, sizeof answer);
  memcpy(message + at + sizeof answer, &address, 4);
  return at + DNS_ANSWER;
}

static void answer_names(void) {
  unsigned char message[512 + DNS_ANSWER];
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  ssize_t n;
  while ((n = recvfrom(names, message, 512, 0, (struct sockaddr *)&from, &size)) >= 0) {
    size_t length = answer_query(message, n);
    if (length) sendto(names, message, length, 0, (struct sockaddr *)&from, size);
    size = sizeof from;
  }
}

/* ---- commands and connections ---- */

static void finish_if_done(struct channel *channel) {
  if (channel->kind != COMMAND || !channel->exited || channel->out >= 0 || channel->err >= 0) return;
  send_number('x', channel->id, channel->code);
  release(channel);
}

static void read_output(struct channel *channel, int *fd, char type) {
  ssize_t n = read(*fd, FRAME_PAYLOAD, MAX_PAYLOAD);
  if (n > 0) {
    if (channel->kind == CONNECTION) channel->unacknowledged += n;
    send_frame(type, channel->id, FRAME_PAYLOAD, n);
    return;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (channel->kind == COMMAND) {
    shut(fd);
    finish_if_done(channel);
  } else if (n < 0) close_channel(channel, 'B', strerror(errno));
  else if (channel->id < GUEST_CHANNELS) close_channel(channel, 'C', "");
  else { /* a program that asks and then says no more still waits for the answer */
    channel->out = -1;
    send_frame('c', channel->id, "", 0);
  }
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
  if (chdir(START_FOLDER) != 0) { /* the shell then starts in / */ }
  execl("/bin/" SHELL, "-" SHELL, NULL);
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
    for (int i = 0; i < used_channels; i++)
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

/* The control port is none of the driver's consoles, so that whole buffers go through it: /dev/vport<device>p3. */
static int open_control(void) {
  char path[32];
  for (int device = 0;; device = (device + 1) % 8) {
    snprintf(path, sizeof path, "/dev/vport%dp%d", device, CONTROL_PORT);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0) return fd;
    usleep(5000);
  }
}

/* ---- what to wait for ---- */

enum { CONTROL_POLL, CHILDREN_POLL, NAMES_POLL, LISTENER_POLL, FIXED_POLLS = LISTENER_POLL + LISTENERS };

static struct pollfd polls[FIXED_POLLS + 3 * CHANNELS];
static struct channel *polled[FIXED_POLLS + 3 * CHANNELS]; /* whose descriptor it is */

static int add_poll(int count, struct channel *channel, int fd, short events) {
  if (fd < 0) return count;
  polls[count] = (struct pollfd){fd, events, 0};
  polled[count] = channel;
  return count + 1;
}

static int add_polls(void) {
  polls[CONTROL_POLL] = (struct pollfd){control, POLLIN, 0};
  polls[CHILDREN_POLL] = (struct pollfd){wake[0], POLLIN, 0};
  polls[NAMES_POLL] = (struct pollfd){names, POLLIN, 0};
  for (int i = 0; i < LISTENERS; i++) polls[LISTENER_POLL + i] = (struct pollfd){listeners[i].fd, POLLIN, 0};
  int count = FIXED_POLLS;
  for (int i = 0; i < used_channels; i++) {
    struct channel *channel = &channels[i];
    if (channel->kind == FREE) continue;
    if (channel->connecting || channel->queued) count = add_poll(count, channel, channel->in, POLLOUT);
    if (channel->connecting) continue;
    count = add_poll(count, channel, channel->err, POLLIN);
    if (channel->unacknowledged < WINDOW) count = add_poll(count, channel, channel->out, POLLIN);
  }
  return count;
}

/* What a poll was about may be gone by the time it is looked at: an earlier one of the same round may have ended the channel. */
static void serve_channel(struct channel *channel, const struct pollfd *poll) {
  if (channel->kind == FREE) return;
  if (poll->events == POLLOUT) {
    if (channel->in != poll->fd) return;
    if (channel->connecting) finish_dial(channel);
    else drain_queue(channel);
  } else if (channel->err == poll->fd) {
    read_output(channel, &channel->err, 'e');
  } else if (channel->out == poll->fd) {
    read_output(channel, &channel->out, channel->kind == CONNECTION ? 'd' : 'o');
  }
}

static int sooner(int one, int other) { return one < 0 ? other : other < 0 || one < other ? one : other; }

int main(void) {
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
  open_outside();
  for (int i = 0; i < TERMINALS; i++) start_shell(i);
  send_frame('b', 0, "", 0);
  for (;;) {
    int wait = sooner(tend_services(), tend_connections());
    int count = add_polls();
    if (poll(polls, count, wait) < 0) continue;
    if (polls[CHILDREN_POLL].revents) {
      char bytes[64];
      while (read(wake[0], bytes, sizeof bytes) > 0) {}
      reap();
    }
    for (int i = FIXED_POLLS; i < count; i++)
      if (polls[i].revents) serve_channel(polled[i], &polls[i]);
    if (polls[NAMES_POLL].revents) answer_names();
    for (int i = 0; i < LISTENERS; i++)
      if (polls[LISTENER_POLL + i].revents) accept_all(&listeners[i]);
    if (polls[CONTROL_POLL].revents) read_control();
  }
}
