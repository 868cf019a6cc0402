/*
 * /usr/libexec/docker/cli-plugins/docker-compose: in front of Debian's compose plugin, /usr/libexec/docker/docker-compose.
 * `docker info` and `docker --help` start every plugin only to ask what it is. Debian's is a program of 60 MB that would be fetched and
 * started for that; this answers in its place, with the same words, and runs Debian's program for everything else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMPOSE "/usr/libexec/docker/docker-compose"

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "docker-cli-plugin-metadata")) {
    puts("{\n     \"SchemaVersion\": \"0.1.0\",\n     \"Vendor\": \"Docker Inc.\",\n     \"Version\": \"" VERSION "\",\n"
         "     \"ShortDescription\": \"Docker Compose\"\n}");
    return 0;
  }
  /* As the docker command (docker-front): a lazier garbage collector, and the classic builder unless one asks for the other. */
  setenv("GOGC", "off", 0);
  setenv("GOMEMLIMIT", "96MiB", 0);
  setenv("DOCKER_BUILDKIT", "0", 0);
  execv(COMPOSE, argv);
  perror(COMPOSE);
  return 127;
}
