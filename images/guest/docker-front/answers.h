/*
 * Commands that our front answers or changes before Debian's docker command sees them: what needs Docker Hub, an account or Docker Desktop.
 * A learner shall hear that in a sentence, and before a password is asked for. Everything else stays as typed.
 */
#include <stdio.h>

static const struct {
  const char *command, *answer;
} answers[] = {
    {"init", "docker init belongs to Docker Desktop, and is not here. A Dockerfile and a compose.yaml are text files: write them in the editor, or start from one of the lessons."},
    {"scout", "docker scout asks a service of Docker's on the internet, which this sandbox does not reach. What an image is made of: docker history IMAGE, docker image inspect IMAGE."},
    {"scan", "docker scan asks a service on the internet, which this sandbox does not reach. What an image is made of: docker history IMAGE, docker image inspect IMAGE."},
    {"sbom", "docker sbom belongs to Docker Desktop, and is not here. The images of this sandbox name their packages in their labels: docker image inspect IMAGE."},
    {"desktop", "Docker Desktop is not here: this sandbox is a Docker Engine alone, as on a Linux server. It is running already: docker version."},
    {"extension", "Extensions belong to Docker Desktop, which is not here: this sandbox is a Docker Engine alone, as on a Linux server."},
    {"model", "docker model runs language models, which need Docker Desktop and far more memory than this sandbox has."},
    {"ai", "docker ai asks a service of Docker's on the internet, which this sandbox does not reach."},
    {"mcp", "docker mcp belongs to Docker Desktop, and is not here."},
    {"debug", "docker debug belongs to Docker Desktop, and is not here. A shell in a container: docker exec -it CONTAINER sh."},
    {"offload", "docker offload runs containers on Docker's own computers, which this sandbox does not reach."},
};

static const char no_login[] =
    "There is nothing to log in to: this sandbox does not reach Docker Hub, so it asks for no password. Its own images are pulled without a login.\n"
    "A registry of your own is named: docker login localhost:5000\n";

/* The sandbox's own hub, as dockerd reaches it: it answers searches. */
#define HUB "127.0.0.1:3128/"

static int is_one_of(const char *text, const char *const *list) {
  while (*list && strcmp(text, *list)) list++;
  return *list != NULL;
}

/* The first argument behind the command that is no option, nor the value of one. `with_value` are the options that take the next argument. */
static int first_argument(int argc, char **argv, const char *const *with_value) {
  for (int i = 2; i < argc; i++) {
    if (!strcmp(argv[i], "--")) return i + 1 < argc ? i + 1 : 0;
    if (argv[i][0] != '-') return i;
    if (is_one_of(argv[i], with_value)) i++;
  }
  return 0;
}

static int asks_for_help(int argc, char **argv) {
  for (int i = 2; i < argc; i++)
    if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return 1;
  return 0;
}

static int is_docker_hub(const char *server) {
  static const char *const names[] = {"docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com", "registry.hub.docker.com", NULL};
  const char *scheme = strstr(server, "://");
  char host[64];
  return sscanf(scheme ? scheme + 3 : server, "%63[^/]", host) == 1 && is_one_of(host, names);
}

/* Has `docker search` ask the sandbox's hub instead of Docker Hub. */
static void search_hub(int argc, char **argv) {
  static const char *const with_value[] = {"-f", "--filter", "--format", "--limit", NULL};
  static char term[512];
  int at = first_argument(argc, argv, with_value);
  const char *slash = at ? strchr(argv[at], '/') : NULL;
  /* A registry of its own has a dot or a port in its name, before the first slash. */
  size_t first = slash ? (size_t)(slash - argv[at]) : 0;
  if (!at || (slash && (strcspn(argv[at], ".:") < first || !strncmp(argv[at], "localhost/", 10)))) return;
  if (snprintf(term, sizeof term, HUB "%s", argv[at]) < (int)sizeof term) argv[at] = term;
}

/* Answers a command; gives 0 where Debian's docker is to do it. */
static int answer(int argc, char **argv) {
  static const char *const login_values[] = {"-u", "--username", "-p", "--password", NULL};
  if (argc < 2) return 0;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
    if (!strcmp(argv[1], answers[i].command)) return fprintf(stderr, "%s\n", answers[i].answer), 1;
  if (asks_for_help(argc, argv)) return 0;
  if (!strcmp(argv[1], "login")) {
    int at = first_argument(argc, argv, login_values);
    if (!at || is_docker_hub(argv[at])) return fputs(no_login, stderr), 1;
  }
  if (!strcmp(argv[1], "search")) search_hub(argc, argv);
  return 0;
}
