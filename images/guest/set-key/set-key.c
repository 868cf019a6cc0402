/*
 * /usr/lib/drydock/set-key: tells dockerd where a new container's network namespace is, in the place of dockerd itself.
 * For each container dockerd asks the runtime to call dockerd's own program once more, as a hook ("libnetwork-setkey"). All that this
 * second dockerd does is connect to the first one and hand over one path, but to get there a 66 MB Go program starts: 137 million
 * of the 340 million instructions of a `docker run` (docs/performance.md). This program has the same arguments, the same input and
 * the same conversation. The other end is dockerd's, which is as Debian built it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char root_option[] = "-exec-root=";

static int fail(const char *what) {
  dprintf(2, "set-key: %s: %s\n", what, strerror(errno));
  return 1;
}

/* The container's process, from the state that the runtime writes to standard input (OCI runtime specification, "State"). */
static long read_pid(void) {
  static char state[65536];
  size_t have = 0;
  ssize_t n;
  while (have < sizeof state - 1 && ((n = read(0, state + have, sizeof state - 1 - have)) > 0 || (n < 0 && errno == EINTR)))
    if (n > 0) have += n;
  const char *at = strstr(state, "\"pid\"");
  at = at ? strchr(at, ':') : NULL;
  return at ? strtol(at + 1, NULL, 10) : 0;
}

/* Arguments: -exec-root=FOLDER CONTAINER CONTROLLER. */
int main(int argc, char **argv) {
  char message[512], answer[1024];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc != 4 || strncmp(argv[1], root_option, sizeof root_option - 1)) {
    dprintf(2, "set-key: unknown arguments\n");
    return 1;
  }
  long pid = read_pid();
  if (pid <= 0) {
    dprintf(2, "set-key: the state names no process\n");
    return 1;
  }
  int length = snprintf(message, sizeof message, "{\"ContainerID\":\"%s\",\"Key\":\"/proc/%ld/ns/net\"}\n", argv[2], pid);
  int path = snprintf(address.sun_path, sizeof address.sun_path, "%s/libnetwork/%s.sock", argv[1] + sizeof root_option - 1, argv[3]);
  if (length >= (int)sizeof message || path >= (int)sizeof address.sun_path) {
    dprintf(2, "set-key: an argument is too long\n");
    return 1;
  }
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) return fail(address.sun_path);
  if (write(fd, message, length) != length) return fail("write");
  ssize_t n;
  while ((n = read(fd, answer, sizeof answer - 1)) < 0 && errno == EINTR) {}
  if (n < 0) return fail("read");
  answer[n] = 0;
  if (!strcmp(answer, "success")) return 0;
  dprintf(2, "%s\n", answer);
  return 1;
}
