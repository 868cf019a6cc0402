/*
 * /whoami: a tiny web server that answers with who it is and what it was asked, in the form of traefik/whoami's answers.
 * Paths: / (?wait=SECONDS, ?env=true), /api (JSON), /health (POST a status code to change its answer), /bench, /data?size=N&unit=KB.
 * Settings: --port or WHOAMI_PORT_NUMBER (80), --name or WHOAMI_NAME, --verbose. No TLS and no WebSocket.
 * One process for each connection; a connection serves one request after another.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define HEAD_BYTES 16384
#define BODY_BYTES (1 << 20)
#define MAX_HEADERS 100
/* A connection on which nothing comes for so long is closed, in seconds. */
#define IDLE_SECONDS 60
#define MAX_WAIT_SECONDS 60

extern char **environ;

struct header {
  char *name, *value;
};

struct request {
  char *method, *target, *version, *query;
  struct header headers[MAX_HEADERS];
  int header_count, keep;
  char *body;
  size_t body_length;
};

struct text {
  char *bytes;
  size_t length;
};

static const char *name = "";
static int verbose;
/* What /health answers: shared by the processes. */
static int *health;

static void say(const char *format, ...) {
  char when[32];
  time_t now = time(NULL);
  strftime(when, sizeof when, "%Y/%m/%d %H:%M:%S", localtime(&now));
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s ", when);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}

static void add(struct text *text, const char *format, ...) {
  va_list arguments;
  char *piece;
  va_start(arguments, format);
  int length = vasprintf(&piece, format, arguments);
  va_end(arguments);
  if (length < 0) exit(1);
  text->bytes = realloc(text->bytes, text->length + length + 1);
  if (!text->bytes) exit(1);
  memcpy(text->bytes + text->length, piece, length + 1);
  text->length += length;
  free(piece);
}

static int send_all(int client, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(client, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return -1;
    bytes += sent;
    length -= sent;
  }
  return 0;
}

static const char *reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 413: return "Content Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
}

static int send_head(int client, const struct request *request, int status, const char *type, unsigned long long length) {
  struct text head = {0};
  char date[64];
  time_t now = time(NULL);
  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
  add(&head, "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Length: %llu\r\n", status, reason(status), date, length);
  if (length > 0) add(&head, "Content-Type: %s\r\n", type);
  add(&head, "%s\r\n", request->keep ? "" : "Connection: close\r\n");
  int result = send_all(client, head.bytes, head.length);
  free(head.bytes);
  return result;
}

static int answer(int client, const struct request *request, int status, const char *type, struct text *text) {
  int result = send_head(client, request, status, type, text->length);
  if (result == 0 && strcmp(request->method, "HEAD")) result = send_all(client, text->bytes, text->length);
  free(text->bytes);
  return result;
}

/* The value of a parameter of the query, or NULL. The place is used anew by the next call. */
static const char *parameter(const struct request *request, const char *key) {
  static char value[128];
  size_t length = strlen(key);
  for (const char *at = request->query; at; at = strchr(at, '&')) {
    if (*at == '&') at++;
    if (strncmp(at, key, length) || at[length] != '=') continue;
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at + length + 1, "&"), at + length + 1);
    return value;
  }
  return NULL;
}

static int is_true(const char *value) {
  return value && (!strcmp(value, "1") || !strcasecmp(value, "t") || !strcasecmp(value, "true"));
}

static const char *header(const struct request *request, const char *key) {
  for (int i = 0; i < request->header_count; i++)
    if (!strcasecmp(request->headers[i].name, key)) return request->headers[i].value;
  return "";
}

/* `name=value` in JSON, with everything escaped that must be. */
static void add_json(struct text *text, const char *value, size_t length) {
  add(text, "\"");
  for (size_t i = 0; i < length; i++) {
    unsigned char c = value[i];
    if (c == '"' || c == '\\') add(text, "\\%c", c);
    else if (c < 0x20 || c == '<' || c == '>' || c == '&') add(text, "\\u%04x", c);
    else add(text, "%c", c);
  }
  add(text, "\"");
}

/* Calls `each` for every address of the container. */
static void for_addresses(struct text *text, void (*each)(struct text *, const char *)) {
  struct ifaddrs *list, *one;
  if (getifaddrs(&list) != 0) return;
  for (one = list; one; one = one->ifa_next) {
    char address[INET6_ADDRSTRLEN];
    if (!one->ifa_addr) continue;
    int family = one->ifa_addr->sa_family;
    const void *from = family == AF_INET    ? (const void *)&((struct sockaddr_in *)one->ifa_addr)->sin_addr
                       : family == AF_INET6 ? (const void *)&((struct sockaddr_in6 *)one->ifa_addr)->sin6_addr
                                            : NULL;
    if (from && inet_ntop(family, from, address, sizeof address)) each(text, address);
  }
  freeifaddrs(list);
}

static void add_plain_address(struct text *text, const char *address) { add(text, "IP: %s\n", address); }

static void add_json_address(struct text *text, const char *address) {
  add(text, "%s\"%s\"", text->bytes[text->length - 1] == '[' ? "" : ",", address);
}

static void wait_as_asked(const struct request *request) {
  const char *asked = parameter(request, "wait");
  char *unit;
  if (!asked) return;
  double seconds = strtod(asked, &unit);
  if (!strcmp(unit, "ms")) seconds /= 1000;
  else if (!strcmp(unit, "m")) seconds *= 60;
  if (seconds > MAX_WAIT_SECONDS) seconds = MAX_WAIT_SECONDS;
  if (seconds > 0) usleep(seconds * 1e6);
}

static int who_am_i(int client, const struct request *request, const char *remote) {
  struct text text = {0};
  char hostname[256] = "";
  wait_as_asked(request);
  gethostname(hostname, sizeof hostname - 1);
  if (*name) add(&text, "Name: %s\n", name);
  add(&text, "Hostname: %s\n", hostname);
  for_addresses(&text, add_plain_address);
  add(&text, "RemoteAddr: %s\n%s %s HTTP/1.1\r\nHost: %s\r\n", remote, request->method, request->target, header(request, "host"));
  if (*header(request, "user-agent")) add(&text, "User-Agent: %s\r\n", header(request, "user-agent"));
  for (int i = 0; i < request->header_count; i++) {
    const struct header *one = &request->headers[i];
    if (strcasecmp(one->name, "host") && strcasecmp(one->name, "user-agent")) add(&text, "%s: %s\r\n", one->name, one->value);
  }
  add(&text, "\r\n%.*s", (int)request->body_length, request->body ? request->body : "");
  if (is_true(parameter(request, "env")))
    for (char **one = environ; *one; one++) add(&text, "%s\n", *one);
  return answer(client, request, 200, "text/plain; charset=utf-8", &text);
}

static int api(int client, const struct request *request, const char *remote) {
  struct text text = {0};
  char hostname[256] = "";
  gethostname(hostname, sizeof hostname - 1);
  add(&text, "{\"hostname\":");
  add_json(&text, hostname, strlen(hostname));
  add(&text, ",\"ip\":[");
  for_addresses(&text, add_json_address);
  add(&text, "],\"headers\":{");
  for (int i = 0; i < request->header_count; i++) {
    if (i) add(&text, ",");
    add_json(&text, request->headers[i].name, strlen(request->headers[i].name));
    add(&text, ":[");
    add_json(&text, request->headers[i].value, strlen(request->headers[i].value));
    add(&text, "]");
  }
  add(&text, "},\"url\":");
  add_json(&text, request->target, strlen(request->target));
  add(&text, ",\"host\":");
  add_json(&text, header(request, "host"), strlen(header(request, "host")));
  add(&text, ",\"method\":\"%s\"", request->method);
  if (*name) {
    add(&text, ",\"name\":");
    add_json(&text, name, strlen(name));
  }
  add(&text, ",\"remoteAddr\":\"%s\"", remote);
  if (is_true(parameter(request, "env"))) {
    add(&text, ",\"environ\":{");
    for (char **one = environ; *one; one++) {
      size_t key = strcspn(*one, "=");
      if (one != environ) add(&text, ",");
      add_json(&text, *one, key);
      add(&text, ":");
      add_json(&text, *one + key + 1, strlen(*one + key + 1));
    }
    add(&text, "}");
  }
  add(&text, "}\n");
  return answer(client, request, 200, "application/json", &text);
}

/* As many bytes as asked for: |ABC...XYZ-ABC...|, as the original has them. */
static int data(int client, const struct request *request) {
  static const char letters[] = "-ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  char block[sizeof letters - 1 + 32768];
  const char *asked = parameter(request, "size");
  long long size = asked ? strtoll(asked, NULL, 10) : 1;
  const char *unit = parameter(request, "unit");
  if (unit) size <<= !strcasecmp(unit, "kb") ? 10 : !strcasecmp(unit, "mb") ? 20 : !strcasecmp(unit, "gb") ? 30 : 0;
  if (size < 0) size = 0;
  if (send_head(client, request, 200, "text/plain; charset=utf-8", size)) return -1;
  if (!strcmp(request->method, "HEAD")) return 0;
  for (long long at = 0; at < size;) {
    long long length = size - at < (long long)sizeof block ? size - at : (long long)sizeof block;
    for (long long i = 0; i < length; i++) block[i] = at + i == 0 || at + i == size - 1 ? '|' : letters[(at + i) % (sizeof letters - 1)];
    if (send_all(client, block, length)) return -1;
    at += length;
  }
  return 0;
}

static int health_answer(int client, const struct request *request) {
  struct text text = {0};
  if (strcmp(request->method, "POST")) return answer(client, request, *health, "text/plain", &text);
  int status = request->body ? atoi(request->body) : 0;
  if (status < 100 || status > 599) {
    add(&text, "the body must be a status code\n");
    return answer(client, request, 400, "text/plain; charset=utf-8", &text);
  }
  *health = status;
  printf("Update health check status code [%d]\n", status);
  fflush(stdout);
  return answer(client, request, 200, "text/plain", &text);
}

static int route(int client, const struct request *request, const char *remote) {
  size_t length = strcspn(request->target, "?");
  char path[64];
  snprintf(path, sizeof path, "%.*s", (int)length, request->target);
  if (!strcmp(path, "/api")) return api(client, request, remote);
  if (!strcmp(path, "/data")) return data(client, request);
  if (!strcmp(path, "/health")) return health_answer(client, request);
  if (!strcmp(path, "/bench")) {
    struct text one = {0};
    add(&one, "1");
    return answer(client, request, 200, "text/plain", &one);
  }
  return who_am_i(client, request, remote);
}

static int by_name(const void *a, const void *b) {
  return strcasecmp(((const struct header *)a)->name, ((const struct header *)b)->name);
}

/* `x-forwarded-for` as Go writes it: X-Forwarded-For. */
static void canonical(char *key) {
  for (char *at = key; *at; at++) *at = at == key || at[-1] == '-' ? toupper((unsigned char)*at) : tolower((unsigned char)*at);
}

/* Takes the head apart, in place. 0, or the status to refuse with. */
static int parse(char *head, struct request *request) {
  char *rest;
  request->method = strtok_r(head, " ", &rest);
  request->target = strtok_r(NULL, " ", &rest);
  request->version = strtok_r(NULL, "\r\n", &rest);
  if (!request->method || !request->target || !request->version || strncmp(request->version, "HTTP/1.", 7)) return 400;
  char *question = strchr(request->target, '?');
  request->query = question ? question + 1 : NULL;
  for (char *line; (line = strtok_r(NULL, "\r\n", &rest));) {
    char *colon = strchr(line, ':');
    if (!colon || request->header_count == MAX_HEADERS) return 400;
    *colon = 0;
    canonical(line);
    request->headers[request->header_count++] = (struct header){line, colon + 1 + strspn(colon + 1, " \t")};
  }
  qsort(request->headers, request->header_count, sizeof request->headers[0], by_name);
  const char *connection = header(request, "connection");
  request->keep = !strcmp(request->version, "HTTP/1.1") ? strcasecmp(connection, "close") != 0 : strcasecmp(connection, "keep-alive") == 0;
  /* Bodies with an announced length only: what browsers and curl send. */
  if (*header(request, "transfer-encoding")) return 400;
  request->body_length = strtoul(header(request, "content-length"), NULL, 10);
  return request->body_length > BODY_BYTES ? 413 : 0;
}

static void serve(int client, const char *remote) {
  static char buffer[HEAD_BYTES + 1];
  size_t have = 0;
  for (;;) {
    struct request request = {.method = "", .target = "/"};
    char *end;
    while (buffer[have] = 0, !(end = strstr(buffer, "\r\n\r\n"))) {
      ssize_t n = have < HEAD_BYTES ? recv(client, buffer + have, HEAD_BYTES - have, 0) : 0;
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;
      have += n;
    }
    size_t head_length = end + 4 - buffer;
    char *head = strndup(buffer, head_length);
    if (!head) return;
    memmove(buffer, buffer + head_length, have -= head_length);
    int refusal = parse(head, &request);
    if (refusal) {
      struct text text = {0};
      request.keep = 0;
      add(&text, "%d %s", refusal, reason(refusal));
      answer(client, &request, refusal, "text/plain; charset=utf-8", &text);
      return;
    }
    if (request.body_length > 0) {
      if (!strcasecmp(header(&request, "expect"), "100-continue")) send_all(client, "HTTP/1.1 100 Continue\r\n\r\n", 25);
      request.body = calloc(1, request.body_length + 1);
      if (!request.body) return;
      size_t got = have < request.body_length ? have : request.body_length;
      memcpy(request.body, buffer, got);
      memmove(buffer, buffer + got, have -= got);
      while (got < request.body_length) {
        ssize_t n = recv(client, request.body + got, request.body_length - got, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        got += n;
      }
    }
    if (verbose) say("%s - - \"%s %s %s\" - -", remote, request.method, request.target, request.version);
    int failed = route(client, &request, remote);
    free(request.body);
    free(head);
    if (failed || !request.keep) return;
  }
}

static void stop(int signal) {
  (void)signal;
  _exit(0);
}

static int listen_on(int port) {
  int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 128)) {
    say("listen tcp :%d: %s", port, strerror(errno));
    exit(1);
  }
  return server;
}

/* The value of an option: `--port 80`, `--port=80`, or the same with one hyphen. NULL if `argument` is another. */
static const char *option(char **argv, int *at, const char *key) {
  const char *argument = argv[*at];
  size_t length = strlen(key);
  argument += strspn(argument, "-");
  if (strncmp(argument, key, length)) return NULL;
  if (argument[length] == '=') return argument + length + 1;
  return argument[length] == 0 && argv[*at + 1] ? argv[++*at] : NULL;
}

int main(int argc, char **argv) {
  const char *port = getenv("WHOAMI_PORT_NUMBER");
  if (getenv("WHOAMI_NAME")) name = getenv("WHOAMI_NAME");
  for (int i = 1; i < argc; i++) {
    const char *value;
    if (argv[i][0] == '-' && !strcmp(argv[i] + strspn(argv[i], "-"), "verbose")) verbose = 1;
    else if ((value = option(argv, &i, "port"))) port = value;
    else if ((value = option(argv, &i, "name"))) name = value;
    else {
      fprintf(stderr, "flag provided but not defined: %s\nUsage of /whoami:\n  --port NUMBER\n  --name TEXT\n  --verbose\n", argv[i]);
      return 2;
    }
  }
  if (!port || !*port) port = "80";
  health = mmap(NULL, sizeof *health, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (health == MAP_FAILED) return 1;
  *health = 200;
  signal(SIGTERM, stop);
  signal(SIGINT, stop);
  /* Children that end need not be waited for. */
  signal(SIGCHLD, SIG_IGN);
  int server = listen_on(atoi(port));
  say("Starting up on port %s", port);
  for (;;) {
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    int client = accept(server, (struct sockaddr *)&from, &length);
    if (client < 0) continue;
    if (fork() == 0) {
      struct timeval idle = {.tv_sec = IDLE_SECONDS};
      char remote[INET_ADDRSTRLEN + 8], address[INET_ADDRSTRLEN];
      close(server);
      setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle);
      inet_ntop(AF_INET, &from.sin_addr, address, sizeof address);
      snprintf(remote, sizeof remote, "%s:%d", address, ntohs(from.sin_port));
      serve(client, remote);
      _exit(0);
    }
    close(client);
  }
}
