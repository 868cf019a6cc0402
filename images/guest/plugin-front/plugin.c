/*
 * /usr/libexec/docker/cli-plugins/docker-compose and docker-buildx: in front of Debian's plugins, which are in /usr/libexec/docker.
 * `docker info` and `docker --help` start every plugin only to ask what it is. Debian's are programs of 60 MB that would be fetched and
 * started for that; this answers in their place, with the same words, and runs Debian's program for everything else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLUGIN "/usr/libexec/docker/" NAME

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "docker-cli-plugin-metadata")) {
    puts("{\n     \"SchemaVersion\": \"0.1.0\",\n     \"Vendor\": \"Docker Inc.\",\n     \"Version\": \"" VERSION "\",\n"
         "     \"ShortDescription\": \"" TITLE "\"\n}");
    return 0;
  }
  /* As the docker command (docker-front): a lazier garbage collector. */
  setenv("GOGC", "off", 0);
  setenv("GOMEMLIMIT", "96MiB", 0);
  execv(PLUGIN, argv);
  perror(PLUGIN);
  return 127;
}
