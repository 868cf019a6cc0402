/* One request to the engine at a time, over its socket. */
#include "build.h"
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ENGINE "/var/run/docker.sock"

static int request;

int connect_engine(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = ENGINE};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
    die("Cannot connect to the Docker daemon at unix://" ENGINE ". Is the docker daemon running?");
  }
  return fd;
}

static int write_all(const char *bytes, size_t count) {
  while (count) {
    ssize_t n = write(request, bytes, count);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    bytes += n;
    count -= n;
  }
  return 1;
}

void start_request(int fd, const char *method, const char *target, int chunked) {
  struct text head = {0};
  request = fd;
  add(&head, "%s %s HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n", method, target);
  add(&head, chunked ? "Content-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n" : "Content-Length: 0\r\n\r\n");
  write_all(head.at, head.length);
  free(head.at);
}

int send_chunk(const void *bytes, size_t count) {
  static char waiting[65536];
  static size_t have;
  char size[20];
  const char *from = bytes;
  /* Small pieces are joined: each chunk costs the engine a read. */
  while (count && have + count >= sizeof waiting) {
    size_t part = sizeof waiting - have < count ? sizeof waiting - have : count;
    memcpy(waiting + have, from, part);
    have += part;
    from += part;
    count -= part;
    int length = sprintf(size, "%zx\r\n", have);
    if (!write_all(size, length) || !write_all(waiting, have) || !write_all("\r\n", 2)) return 0;
    have = 0;
  }
  if (count) memcpy(waiting + have, from, count);
  have += count;
  if (bytes) return 1;
  int length = have ? sprintf(size, "%zx\r\n", have) : 0;
  int sent = write_all(size, length) && write_all(waiting, have) && (!have || write_all("\r\n", 2)) && write_all("0\r\n\r\n", 5);
  have = 0;
  return sent;
}

/* Gives whole lines of `body` away, keeps the rest. */
static void take_lines(struct text *body, void (*line)(char *line)) {
  char *start = body->at, *end;
  while (start && (end = memchr(start, '\n', body->at + body->length - start))) {
    *end = 0;
    line(start);
    start = end + 1;
  }
  if (!start || start == body->at) return;
  body->length -= start - body->at;
  memmove(body->at, start, body->length + 1);
}

/* Takes chunks out of `raw` into `body`; gives 1 at the last one. */
static int take_chunks(struct text *raw, struct text *body) {
  size_t used = 0;
  int ended = 0;
  while (!ended) {
    char *start = raw->at + used, *eol = memmem(start, raw->length - used, "\r\n", 2);
    if (!eol) break;
    size_t size = strtoul(start, NULL, 16), head = eol + 2 - start;
    if (raw->length - used < head + size + 2) break;
    add_bytes(body, start + head, size);
    used += head + size + 2;
    ended = !size;
  }
  raw->length -= used;
  memmove(raw->at, raw->at + used, raw->length + 1);
  return ended;
}

int read_response(int fd, void (*line)(char *line), void (*idle)(void), struct text *error_body) {
  static char bytes[65536];
  struct text raw = {0}, body = {0};
  int status = 0, chunked = 0, headers = 0;
  for (;;) {
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int ready = poll(&wait, 1, 150);
    if (ready <= 0) {
      if (idle) idle();
      continue;
    }
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    add_bytes(&raw, bytes, n);
    if (!headers) {
      char *end = memmem(raw.at, raw.length, "\r\n\r\n", 4);
      if (!end) continue;
      *end = 0;
      status = atoi(raw.at + 9);
      chunked = strcasestr(raw.at, "transfer-encoding: chunked") != NULL;
      headers = 1;
      size_t used = end + 4 - raw.at;
      raw.length -= used;
      memmove(raw.at, raw.at + used, raw.length);
      raw.at[raw.length] = 0;
      if (status == 100) {
        headers = 0;
        continue;
      }
    }
    int ended = 0;
    if (chunked) ended = take_chunks(&raw, &body);
    else {
      add_bytes(&body, raw.at, raw.length);
      raw.length = 0;
    }
    if (status == 200) take_lines(&body, line);
    if (idle) idle();
    if (ended) break;
  }
  if (status != 200 && error_body && body.at) *error_body = body;
  else free(body.at);
  free(raw.at);
  return status;
}
