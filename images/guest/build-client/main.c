/*
 * /usr/lib/drydock/build-client: `docker build` with the engine's own BuildKit, at a tenth of the instructions of Docker's plugin.
 * It posts the context as the classic builder's client does (POST /build, with version=2), reads what BuildKit says of its steps and shows
 * Docker's own display. There is no session: what needs one (secrets, ssh, files as output, other caches, named contexts) and each flag that
 * is not known here is given to Debian's plugin, with the arguments as they came. docs/guest.md, "BuildKit".
 */
#include "build.h"
#include <sys/mman.h>

#define DOCKER "/usr/bin/docker"

static char **plugin_arguments;
static const struct context *built;
static struct text failure, image_id, build_id;
static volatile sig_atomic_t interrupted;

/* Runs the plugin in our place; `input` is what was read from standard input already. */
static void run_plugin(const struct text *input) {
  if (input && input->length) {
    int fd = memfd_create("input", 0);
    if (fd < 0 || write(fd, input->at, input->length) != (ssize_t)input->length || lseek(fd, 0, SEEK_SET) || dup2(fd, 0) < 0) {
      die("standard input cannot be given on: %s", strerror(errno));
    }
  }
  execv(DOCKER, plugin_arguments);
  die("%s: %s", DOCKER, strerror(errno));
}

enum kind { SWITCH, VALUE };
enum meaning {
  PLUGIN, IGNORED, TAG, DOCKERFILE, BUILD_ARG, LABEL, TARGET, NO_CACHE, PULL, QUIETLY, PROGRESS, NETWORK, PLATFORM, ADD_HOST, IIDFILE,
  CACHE_FROM, OUTPUT, SHM_SIZE, ULIMIT, CGROUP_PARENT, ONLY_FALSE, HELP
};
static const struct flag {
  const char *name;
  char letter;
  enum kind kind;
  enum meaning meaning;
} flags[] = {
  {"tag", 't', VALUE, TAG}, {"file", 'f', VALUE, DOCKERFILE}, {"build-arg", 0, VALUE, BUILD_ARG}, {"label", 0, VALUE, LABEL},
  {"target", 0, VALUE, TARGET}, {"no-cache", 0, SWITCH, NO_CACHE}, {"pull", 0, SWITCH, PULL}, {"quiet", 'q', SWITCH, QUIETLY},
  {"progress", 0, VALUE, PROGRESS}, {"network", 0, VALUE, NETWORK}, {"platform", 0, VALUE, PLATFORM}, {"add-host", 0, VALUE, ADD_HOST},
  {"iidfile", 0, VALUE, IIDFILE}, {"cache-from", 0, VALUE, CACHE_FROM}, {"output", 'o', VALUE, OUTPUT}, {"shm-size", 0, VALUE, SHM_SIZE},
  {"ulimit", 0, VALUE, ULIMIT}, {"cgroup-parent", 0, VALUE, CGROUP_PARENT}, {"load", 0, SWITCH, IGNORED}, {"provenance", 0, VALUE, ONLY_FALSE},
  {"sbom", 0, VALUE, ONLY_FALSE}, {"help", 'h', SWITCH, HELP},
  /* The classic builder's own: BuildKit takes them and does nothing with them. */
  {"rm", 0, SWITCH, IGNORED}, {"force-rm", 0, SWITCH, IGNORED}, {"compress", 0, SWITCH, IGNORED}, {"memory", 'm', VALUE, IGNORED},
  {"memory-swap", 0, VALUE, IGNORED}, {"cpu-shares", 'c', VALUE, IGNORED}, {"cpu-period", 0, VALUE, IGNORED}, {"cpu-quota", 0, VALUE, IGNORED},
  {"cpuset-cpus", 0, VALUE, IGNORED}, {"cpuset-mems", 0, VALUE, IGNORED}, {"isolation", 0, VALUE, IGNORED}, {"security-opt", 0, VALUE, IGNORED},
};

static struct text build_args, labels, caches, ulimits;

static void add_pair(struct text *to, const char *given, int from_environment) {
  const char *equals = strchr(given, '=');
  char *key = need(strndup(given, equals ? (size_t)(equals - given) : strlen(given)));
  const char *value = equals ? equals + 1 : from_environment ? getenv(key) : "";
  if (!*key) die("invalid argument \"%s\": it has no name before the =", given);
  /* An argument without a value is the environment's; one that is not there is as if it was not asked for. */
  if (value) {
    add(to, to->length ? "," : "{");
    add_json(to, key);
    add(to, ":");
    add_json(to, value);
  }
  free(key);
}

static void add_parameter(struct text *query, const char *name, const char *value) {
  add(query, "&%s=", name);
  add_escaped(query, value);
}

/* 64m and the like, in bytes; -1 when it is none. */
static long long bytes_of(const char *size) {
  char *end;
  double value = strtod(size, &end);
  if (end == size || value < 0) return -1;
  static const char units[] = "bkmgt";
  const char *unit = *end ? strchr(units, *end | 32) : units;
  if (!unit) return -1;
  for (; unit > units; unit--) value *= 1024;
  return (long long)value;
}

static void add_ulimit(const char *given) {
  char name[32];
  long long soft, hard;
  int parts = sscanf(given, "%31[^=]=%lld:%lld", name, &soft, &hard);
  if (parts < 2) die("invalid argument \"%s\" for \"--ulimit\" flag: write name=soft or name=soft:hard", given);
  add(&ulimits, "%s{\"Name\":", ulimits.length ? "," : "[");
  add_json(&ulimits, name);
  add(&ulimits, ",\"Soft\":%lld,\"Hard\":%lld}", soft, parts == 3 ? hard : soft);
}

/* Whether an output is this engine's images, which is what happens anyhow. */
static int is_image_output(const char *value) {
  return !strcmp(value, "type=docker") || !strcmp(value, "type=image") || !strcmp(value, "type=image,push=false");
}

static void add_cache(const char *value) {
  const char *name = strstr(value, "ref=");
  if (strchr(value, '=') && (strncmp(value, "type=registry", 13) || !name)) run_plugin(NULL);
  char *copy = need(strdup(name ? name + 4 : value));
  copy[strcspn(copy, ",")] = 0;
  add(&caches, caches.length ? "," : "[");
  add_json(&caches, copy);
  free(copy);
}

static int is_false(const char *value) { return !strcmp(value, "false") || !strcmp(value, "0") || !strcmp(value, "f") || !strcmp(value, "F") || !strcmp(value, "FALSE") || !strcmp(value, "False"); }

/* An image's name, as the engine reads it: said before anything is sent. */
static void check_tag(const char *tag) {
  const char *path = tag, *slash = strchr(tag, '/');
  if (slash && (memchr(tag, '.', slash - tag) || memchr(tag, ':', slash - tag) || !strncmp(tag, "localhost/", 10))) path = slash + 1;
  size_t length = strcspn(path, ":@");
  for (size_t i = 0; i < length; i++) {
    if (path[i] < 'A' || path[i] > 'Z') continue;
    char *whole = need(strndup(tag, path + length - tag));
    die("invalid tag \"%s\": invalid reference format: repository name (%s%s) must be lowercase", tag, strchr(whole, '/') ? "" : "library/", whole);
  }
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-/";
  if (!length || strspn(path, allowed) < length || (path[length] == ':' && !path[length + 1])) die("invalid tag \"%s\": invalid reference format", tag);
}

static void take_flag(struct options *options, const struct flag *flag, const char *value) {
  struct text *query = &options->query;
  int on = flag->kind == VALUE || !value || !is_false(value);
  if (!on) return;
  switch (flag->meaning) {
    case PLUGIN: case HELP: run_plugin(NULL); break;
    case IGNORED: break;
    case TAG:
      check_tag(value);
      if (!options->tags++) options->tag = value;
      add_parameter(query, "t", value);
      break;
    case DOCKERFILE: options->file = value; break;
    case BUILD_ARG:
      if (!strncmp(value, "BUILDKIT_SYNTAX", 15)) run_plugin(NULL);
      add_pair(&build_args, value, 1);
      break;
    case LABEL: add_pair(&labels, value, 0); break;
    case TARGET: add_parameter(query, "target", value); break;
    case NO_CACHE: add_parameter(query, "nocache", "1"); break;
    case PULL: add_parameter(query, "pull", "1"); break;
    case QUIETLY: options->quiet = 1; break;
    case PROGRESS: options->progress = value; break;
    case NETWORK: add_parameter(query, "networkmode", value); break;
    case PLATFORM:
      if (strchr(value, ',') || options->platform) run_plugin(NULL);
      options->platform = value;
      add_parameter(query, "platform", value);
      break;
    case ADD_HOST: {
      char *copy = need(strdup(value)), *equals = strchr(copy, '=');
      if (equals) *equals = ':';
      if (!strchr(copy, ':')) die("bad format for add-host: \"%s\"", value);
      add_parameter(query, "extrahosts", copy);
      free(copy);
      break;
    }
    case IIDFILE: options->iidfile = value; break;
    case CACHE_FROM: add_cache(value); break;
    case OUTPUT:
      if (!is_image_output(value)) run_plugin(NULL);
      break;
    case SHM_SIZE: {
      char number[32];
      if (bytes_of(value) < 0) die("invalid argument \"%s\" for \"--shm-size\" flag: invalid size: '%s'", value, value);
      snprintf(number, sizeof number, "%lld", bytes_of(value));
      add_parameter(query, "shmsize", number);
      break;
    }
    case ULIMIT: add_ulimit(value); break;
    case CGROUP_PARENT: add_parameter(query, "cgroupparent", value); break;
    case ONLY_FALSE:
      if (!is_false(value)) run_plugin(NULL);
      break;
  }
}

static const struct flag *flag_named(const char *name, size_t length) {
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (strlen(flags[i].name) == length && !strncmp(flags[i].name, name, length)) return &flags[i];
  return NULL;
}

static const struct flag *flag_lettered(char letter) {
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (flags[i].letter == letter) return &flags[i];
  return NULL;
}

/* Takes `-qt name`, `-tname`, `-t=name`; gives how many arguments it used. */
static int take_letters(struct options *options, char **arguments) {
  for (const char *at = arguments[0] + 1; *at; at++) {
    const struct flag *flag = flag_lettered(*at);
    if (!flag) run_plugin(NULL);
    if (flag->kind == SWITCH) {
      take_flag(options, flag, NULL);
      continue;
    }
    if (at[1]) {
      take_flag(options, flag, at + 1 + (at[1] == '='));
      return 1;
    }
    if (!arguments[1]) run_plugin(NULL);
    take_flag(options, flag, arguments[1]);
    return 2;
  }
  return 1;
}

static int take_name(struct options *options, char **arguments) {
  const char *name = arguments[0] + 2, *equals = strchr(name, '=');
  const struct flag *flag = flag_named(name, equals ? (size_t)(equals - name) : strlen(name));
  if (!flag) run_plugin(NULL);
  if (equals || flag->kind == SWITCH) {
    take_flag(options, flag, equals ? equals + 1 : NULL);
    return 1;
  }
  if (!arguments[1]) run_plugin(NULL);
  take_flag(options, flag, arguments[1]);
  return 2;
}

static void take_arguments(struct options *options, char **arguments) {
  int flags_end = 0;
  while (*arguments) {
    if (!flags_end && !strcmp(*arguments, "--")) {
      flags_end = 1;
      arguments++;
    } else if (!flags_end && !strncmp(*arguments, "--", 2)) {
      arguments += take_name(options, arguments);
    } else if (!flags_end && **arguments == '-' && (*arguments)[1]) {
      arguments += take_letters(options, arguments);
    } else {
      /* Two contexts: the plugin says what Docker says. */
      if (options->context) run_plugin(NULL);
      options->context = *arguments++;
    }
  }
  if (!options->context) {
    fputs("ERROR: \"docker buildx build\" requires exactly 1 argument.\nSee 'docker buildx build --help'.\n\n"
          "Usage:  docker buildx build [OPTIONS] PATH | URL | -\n\nStart a build\n", stderr);
    exit(1);
  }
  const struct { const char *name, *close; struct text *value; } lists[] = {
    {"buildargs", "}", &build_args}, {"labels", "}", &labels}, {"cachefrom", "]", &caches}, {"ulimits", "]", &ulimits}};
  for (int i = 0; i < 4; i++) {
    if (!lists[i].value->length) continue;
    add(lists[i].value, "%s", lists[i].close);
    add_parameter(&options->query, lists[i].name, lists[i].value->at);
  }
}

static int needs_session(const char *dockerfile) { return strstr(dockerfile, "type=secret") || strstr(dockerfile, "type=ssh"); }

static void refuse_remote(const char *context) {
  static const char *const starts[] = {"http://", "https://", "git://", "git@", "ssh://", "github.com/"};
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
    if (strncmp(context, starts[i], strlen(starts[i]))) continue;
    die("%s cannot be fetched: there is no internet in this sandbox. Put the files into a folder and build that: docker build .", context);
  }
}

static void check_syntax(const struct context *context) {
  char *syntax = context->dockerfile.at ? syntax_of(context->dockerfile.at) : NULL;
  if (!syntax) return;
  const char *name = syntax;
  static const char *const hosts[] = {"docker.io/", "index.docker.io/", "registry-1.docker.io/"};
  for (int i = 0; i < 3; i++)
    if (!strncmp(name, hosts[i], strlen(hosts[i]))) name += strlen(hosts[i]);
  size_t length = strcspn(name, ":@");
  static const char *const known[] = {"docker/dockerfile", "docker/dockerfile-upstream"};
  for (int i = 0; i < 2; i++)
    if (strlen(known[i]) == length && !strncmp(name, known[i], length)) return;
  die("the syntax line asks for %s: this sandbox builds with the engine's own docker/dockerfile:1 only. Write \"# syntax=docker/dockerfile:1\", or leave the line out", syntax);
}

/* The engine would take an image for another computer from its store as if it was for this one, and fail when it is run. */
static void check_platform(const struct options *options, const struct context *context) {
  const char *platform = options->platform && !strstr(options->platform, "386") ? options->platform : NULL;
  if (!platform && context->dockerfile.at) platform = foreign_platform(context->dockerfile.at);
  if (platform) die("This machine is linux/386 and cannot be %s: leave --platform out, or write linux/386.", platform);
}

/* The string behind "name": in a line of JSON, as a new string; NULL when it is not there. */
static char *json_string(const char *line, const char *name) {
  char key[64];
  snprintf(key, sizeof key, "\"%s\":\"", name);
  const char *at = strstr(line, key);
  if (!at) return NULL;
  struct text made = {0};
  for (at += strlen(key); *at && *at != '"'; at++) {
    if (*at != '\\') {
      add_bytes(&made, at, 1);
      continue;
    }
    at++;
    unsigned code = *at == 'n' ? '\n' : *at == 't' ? '\t' : *at == 'r' ? '\r' : *at == 'b' ? '\b' : *at == 'f' ? '\f' : (unsigned char)*at;
    if (*at == 'u') {
      char digits[5] = {0};
      strncpy(digits, at + 1, 4);
      code = strtoul(digits, NULL, 16);
      at += strlen(digits);
    }
    char bytes[3] = {code, 0, 0};
    int count = 1;
    if (code >= 0x800) bytes[0] = 0xe0 | code >> 12, bytes[1] = 0x80 | (code >> 6 & 63), bytes[2] = 0x80 | (code & 63), count = 3;
    else if (code >= 0x80) bytes[0] = 0xc0 | code >> 6, bytes[1] = 0x80 | (code & 63), count = 2;
    add_bytes(&made, bytes, count);
  }
  add_bytes(&made, "", 0);
  return made.at;
}

static void take_line(char *line) {
  char *value;
  if (strstr(line, "\"moby.buildkit.trace\"") && (value = strstr(line, "\"aux\":\""))) {
    take_trace(value + 7);
  } else if (strstr(line, "\"moby.image.id\"") && (value = json_string(line, "ID"))) {
    add(&image_id, "%s", value);
  } else if ((value = json_string(line, "error"))) {
    failure.length = 0;
    add(&failure, "%s", value);
  }
}

static void on_interrupt(int number) {
  (void)number;
  interrupted++;
}

/* Asks the engine to give the build up; the answer to the build then comes to its end. */
static void idle(void) {
  static int asked;
  if (interrupted && !asked) {
    char target[128];
    asked = 1;
    snprintf(target, sizeof target, "/v1.45/build/cancel?id=%s", build_id.at);
    if (fork() == 0) {
      int fd = connect_engine();
      start_request(fd, "POST", target, 0);
      read_response(fd, take_line, NULL, NULL);
      _exit(0);
    }
  }
  if (interrupted > 1) _exit(130);
  update_display(0);
}

static int64_t sent_bytes;
static int count_and_send(const void *bytes, size_t count) {
  sent_bytes += count;
  return send_chunk(bytes, count);
}

/* What the client itself has done is shown as steps: it did read and send them. */
static void show_own_steps(const struct context *context, double start) {
  char name[512];
  double stop = now();
  if (!context->dockerfile.length) return;
  snprintf(name, sizeof name, "[internal] load build definition from %s", context->shown_name);
  struct vertex *vertex = own_vertex(name, start);
  own_status(vertex, "transferring dockerfile:", context->dockerfile.length, start, stop);
  end_vertex(vertex, stop);
  if (!context->has_ignore) return;
  snprintf(name, sizeof name, "[internal] load %s", context->ignore_name);
  vertex = own_vertex(name, start);
  own_status(vertex, "transferring context:", context->ignore.length, start, stop);
  end_vertex(vertex, stop);
}

static void print_place(const struct context *context, const char *message) {
  char stage[256] = "";
  int index, total, first, last, line;
  const char *parse = strstr(message, "parse error on line ");
  if (parse && sscanf(parse, "parse error on line %d", &line) == 1) {
    print_excerpt(context->dockerfile.at, context->shown_name, line, line);
    return;
  }
  for (int i = 0; i < listed_count; i++) {
    const char *name = listed[i]->name, *image = strstr(name, "load metadata for ");
    if (!listed[i]->error || is_canceled(listed[i])) continue;
    if (image ? find_from(context->dockerfile.at, image + 18, &first, &last)
              : (sscanf(name, "[%d/%d]", &index, &total) == 2 || sscanf(name, "[%255s %d/%d]", stage, &index, &total) == 3) &&
                    find_step(context->dockerfile.at, stage, index, &first, &last)) {
      print_excerpt(context->dockerfile.at, context->shown_name, first, last);
      return;
    }
  }
}

static void print_warnings(void) {
  int count = 0;
  for (int i = 0; i < listed_count; i++) count += listed[i]->warning_count;
  if (!count) return;
  fprintf(stderr, "\n %d warning%s found:\n", count, count == 1 ? "" : "s");
  for (int i = 0; i < listed_count; i++)
    for (int j = 0; j < listed[i]->warning_count; j++) fprintf(stderr, " - %s\n", listed[i]->warnings[j]);
}

static int fail_build(void) {
  const char *message = failure.at;
  if (built->dockerfile.at && !interrupted) print_place(built, message);
  if (interrupted) message = "Canceled: context canceled";
  fprintf(stderr, "ERROR: %s%s\n", strncmp(message, "failed to ", 10) ? "failed to solve: " : strncmp(message, "failed to solve", 15) ? "failed to solve: " : "", message);
  return 1;
}

static int fail_request(const struct options *options, int status, const struct text *body) {
  char *message = body->at ? json_string(body->at, "message") : NULL;
  if (!status) die("the engine ended the connection before the build was done");
  if (!message) die("the engine answered the build with status %d", status);
  if (!strncmp(message, "invalid reference format", 24) && options->tags == 1) die("invalid tag \"%s\": %s", options->tag, message);
  add(&failure, "%s", message);
  return fail_build();
}

static enum display display_of(const struct options *options) {
  const char *wanted = options->progress ? options->progress : getenv("BUILDKIT_PROGRESS");
  if (options->quiet) return QUIET;
  if (!wanted || !*wanted || !strcmp(wanted, "auto")) return isatty(2) ? TTY : PLAIN;
  if (!strcmp(wanted, "plain")) return PLAIN;
  if (!strcmp(wanted, "quiet")) return QUIET;
  if (!strcmp(wanted, "rawjson")) run_plugin(NULL);
  if (strcmp(wanted, "tty")) die("invalid progress mode %s", wanted);
  if (!isatty(2)) die("failed to get console: provided file is not a console");
  return TTY;
}

static int build(const struct options *options, const struct context *context) {
  struct text target = {0}, body = {0};
  signal(SIGPIPE, SIG_IGN);
  struct sigaction action = {.sa_handler = on_interrupt};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  add(&build_id, "%d-%lld", (int)getpid(), (long long)(now() * 1e6));
  add(&target, "/v1.45/build?version=2&buildid=%s%s", build_id.at, options->query.at ? options->query.at : "");
  add_parameter(&target, "dockerfile", context->sent_name);
  int fd = connect_engine();
  start_request(fd, "POST", target.at, 1);
  double start = now();
  struct vertex *transfer = own_vertex("[internal] load build context", start);
  send_context(context, count_and_send);
  send_chunk(NULL, 0);
  own_status(transfer, "transferring context:", sent_bytes, start, now());
  end_vertex(transfer, now());
  int status = read_response(fd, take_line, idle, &body);
  update_display(1);
  if (status != 200) return fail_request(options, status, &body);
  if (failure.length || interrupted) return fail_build();
  if (!image_id.length) die("the engine's answer ended without an image");
  print_warnings();
  if (options->quiet) puts(image_id.at);
  if (options->iidfile) {
    FILE *file = fopen(options->iidfile, "w");
    if (!file || fputs(image_id.at, file) < 0 || fclose(file)) die("failed to write %s: %s", options->iidfile, strerror(errno));
  }
  return 0;
}

/* Arguments: those of `docker`, from the one behind `build` on. */
int main(int argc, char **argv) {
  struct options options = {0};
  struct context context = {0};
  built = &context;
  plugin_arguments = need(calloc(argc + 3, sizeof *plugin_arguments));
  plugin_arguments[0] = "docker";
  plugin_arguments[1] = "buildx";
  plugin_arguments[2] = "build";
  memcpy(plugin_arguments + 3, argv + 1, (argc - 1) * sizeof *argv);
  take_arguments(&options, argv + 1);
  enum display display = display_of(&options);
  refuse_remote(options.context);
  double start = now();
  start_display(display);
  read_context(&context, &options);
  check_syntax(&context);
  check_platform(&options, &context);
  /* What standard input gave is not there a second time. */
  const struct text *taken = !context.folder ? &context.input : options.file && !strcmp(options.file, "-") ? &context.dockerfile : NULL;
  /* Where nobody gives a secret, a session says so, and the step goes on without it. */
  if (context.dockerfile.at && needs_session(context.dockerfile.at)) run_plugin(taken);
  /* A Dockerfile from elsewhere would be seen by COPY . : only a session keeps the two apart. */
  if (context.added && copies_everything(&context)) run_plugin(taken);
  show_own_steps(&context, start);
  update_display(0);
  return build(&options, &context);
}
