/*
 * /usr/local/bin/containerd-shim-runc-v2: the two small errands that containerd starts a container's shim for, besides being the shim.
 * "start" only makes a socket, starts the program again as the shim proper and prints the socket's address. "delete" comes after every
 * container, also after one whose shim has put everything away: then it finds nothing to do and says so. As Go programs both
 * need 25 million instructions to get that far; here they are done in C. The shim proper, and every errand that looks unusual, is
 * Debian's /usr/bin/containerd-shim-runc-v2.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SHIM "/usr/bin/containerd-shim-runc-v2"
#define SOCKETS "/run/containerd/s"
/* Where the shim proper finds its listening socket. */
#define SOCKET_FD 3

struct request {
  char *namespace, *id, *address, *bundle, *errand;
};

/* Reads the arguments; 0 when there is one that is not expected, or one is missing. */
static int understand(int argc, char **argv, struct request *request) {
  int i = 1;
  for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
    if (!strcmp(argv[i], "-namespace")) request->namespace = argv[i + 1];
    else if (!strcmp(argv[i], "-id")) request->id = argv[i + 1];
    else if (!strcmp(argv[i], "-address")) request->address = argv[i + 1];
    else if (!strcmp(argv[i], "-bundle")) request->bundle = argv[i + 1];
    else if (strcmp(argv[i], "-publish-binary")) return 0;
  }
  request->errand = argv[i];
  return i == argc - 1 && request->namespace && request->id && request->address;
}

/* A file's text, to be freed; NULL when it cannot be read. */
static char *read_text(const char *path) {
  struct stat facts;
  char *text = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && fstat(fd, &facts) == 0) text = calloc(facts.st_size + 1, 1);
  if (text && read(fd, text, facts.st_size) != facts.st_size) {
    free(text);
    text = NULL;
  }
  if (fd >= 0) close(fd);
  return text;
}

/* ---- start ---- */

/* Annotations may ask for one shim for several containers; the text alone is reason enough to leave it to the real program. */
static int wants_group(void) {
  char *text = read_text("config.json");
  int wants = !text || strstr(text, "io.containerd.runc.v2.group") || strstr(text, "io.kubernetes.cri.sandbox-id");
  free(text);
  return wants;
}

static int open_socket(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  mkdir(SOCKETS, 0600);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address)) return -1;
  if (chmod(path, 0600) == 0 && listen(fd, SOMAXCONN) == 0) return fd;
  unlink(path);
  return -1;
}

/* The file from which the shim later knows which socket to remove. */
static int note_address(const char *text) {
  int fd = open(".address", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), length = strlen(text);
  int whole = fd >= 0 && write(fd, text, length) == length;
  if (fd >= 0) close(fd);
  return whole && rename(".address", "address") == 0;
}

/* containerd's own score and one more: when memory runs out, the shim goes before containerd does. */
static void set_oom_score(void) {
  char path[64], text[16] = "";
  snprintf(path, sizeof path, "/proc/%d/oom_score_adj", getppid());
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  int known = fd >= 0 && read(fd, text, sizeof text - 1) > 0;
  if (fd >= 0) close(fd);
  fd = known ? open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC) : -1;
  if (fd < 0) return;
  dprintf(fd, "%d", atoi(text) + 1);
  close(fd);
}

/* Becomes the shim proper. */
static void start_shim(const struct request *request, int socket) {
  setpgid(0, 0);
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  if (null > 2) close(null);
  if (socket == SOCKET_FD) fcntl(socket, F_SETFD, 0);
  else dup2(socket, SOCKET_FD);
  /* There is one CPU: more would only make threads that wake each other. */
  setenv("GOMAXPROCS", "1", 1);
  execl(SHIM, SHIM, "-namespace", request->namespace, "-id", request->id, "-address", request->address, (char *)NULL);
  _exit(127);
}

static int run_real(char **argv) {
  argv[0] = SHIM;
  execv(SHIM, argv);
  return 127;
}

static int start(const struct request *request, char **argv) {
  char address[256];
  static const char scheme[] = "unix://";
  int length = snprintf(address, sizeof address, "%s" SOCKETS "/%s", scheme, request->id);
  const char *path = address + sizeof scheme - 1;
  if (wants_group() || length - (sizeof scheme - 1) >= sizeof ((struct sockaddr_un *)0)->sun_path) return run_real(argv);
  int socket = open_socket(path);
  if (socket < 0) return run_real(argv);
  set_oom_score();
  pid_t child = note_address(address) ? fork() : -1;
  if (child < 0) {
    dprintf(2, "shim: %s\n", strerror(errno));
    unlink(path);
    return 1;
  }
  if (child == 0) start_shim(request, socket);
  return write(1, address, length) == length ? 0 : 1;
}

/* ---- delete ---- */

/* Whether the runtime has forgotten the container: its folder for it is gone. */
static int is_forgotten(const struct request *request) {
  static const char key[] = "\"root\":\"";
  char path[4096], *text = read_text("options.json");
  char *root = text ? strstr(text, key) : NULL;
  char *end = root ? strchr(root += sizeof key - 1, '"') : NULL;
  int length = end ? snprintf(path, sizeof path, "%.*s/%s", (int)(end - root), root, request->namespace) : 0;
  free(text);
  /* The folder above must be there: else this is not the place where the runtime remembers. */
  if (length <= 0 || access(path, F_OK)) return 0;
  if (length + snprintf(path + length, sizeof path - length, "/%s", request->id) >= (int)sizeof path) return 0;
  return access(path, F_OK) && errno == ENOENT;
}

/* Whether something is mounted on the bundle's rootfs. dockerd mounts elsewhere. */
static int is_mounted(void) {
  struct stat bundle, rootfs;
  if (stat(".", &bundle)) return 1;
  return stat("rootfs", &rootfs) ? errno != ENOENT : bundle.st_dev != rootfs.st_dev;
}

static unsigned char *put_number(unsigned char *at, int field, unsigned long long number) {
  *at++ = field << 3;
  for (; number > 127; number >>= 7) *at++ = number | 128;
  *at++ = number;
  return at;
}

/* Prints what the real program would: the message DeleteResponse of containerd's task API, with the code it has for "killed". */
static int answer_deleted(void) {
  unsigned char message[64], time_message[32], *at = message;
  struct timespec now;
  char *pid = read_text("init.pid");
  clock_gettime(CLOCK_REALTIME, &now);
  unsigned char *time_end = put_number(put_number(time_message, 1, now.tv_sec), 2, now.tv_nsec);
  if (pid) at = put_number(at, 1, strtoul(pid, NULL, 10));
  free(pid);
  at = put_number(at, 2, 128 + 9);
  *at++ = 3 << 3 | 2;
  *at++ = time_end - time_message;
  memcpy(at, time_message, time_end - time_message);
  at += time_end - time_message;
  return write(1, message, at - message) == at - message ? 0 : 1;
}

int main(int argc, char **argv) {
  struct request request = {0};
  if (understand(argc, argv, &request)) {
    if (!strcmp(request.errand, "start")) return start(&request, argv);
    if (!strcmp(request.errand, "delete") && request.bundle && !chdir(request.bundle) && is_forgotten(&request) && !is_mounted())
      return answer_deleted();
  }
  return run_real(argv);
}
