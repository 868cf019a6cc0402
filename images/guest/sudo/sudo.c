/*
 * /usr/local/bin/sudo: tutorials write `sudo docker ps`. The learner is root on this machine already, so this runs the command as it is.
 * It understands what tutorials pass to sudo: options, NAME=value before the command, -u for another user, -i and -s for a shell.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Options that take an argument of their own. */
static const char with_argument[] = "CDghpRrTtuU";

/* Looks a user up by name or by `#number` in /etc/passwd: a static program has no other list of users. */
static struct passwd *find_user(const char *name) {
  FILE *users = fopen("/etc/passwd", "re");
  struct passwd *user;
  while (users && (user = fgetpwent(users))) {
    if (name[0] == '#' ? (uid_t)atoi(name + 1) == user->pw_uid : !strcmp(name, user->pw_name)) return user;
  }
  return NULL;
}

static int become(const char *name) {
  struct passwd *user = find_user(name);
  if (!user) {
    fprintf(stderr, "sudo: unknown user %s\n", name);
    return -1;
  }
  if (setgroups(0, NULL) || setgid(user->pw_gid) || setuid(user->pw_uid)) {
    perror("sudo");
    return -1;
  }
  setenv("HOME", user->pw_dir, 1);
  setenv("USER", user->pw_name, 1);
  setenv("LOGNAME", user->pw_name, 1);
  return 0;
}

/* A short option that takes an argument, or 0: `-u`, or the `u` of `-Eu`. */
static char argument_option(const char *option) {
  char last = option[strlen(option) - 1];
  return option[1] != '-' && strchr(with_argument, last) ? last : 0;
}

int main(int argc, char **argv) {
  const char *user = NULL;
  int next = 1, shell = 0, login = 0;
  for (; next < argc && argv[next][0] == '-' && argv[next][1]; next++) {
    const char *option = argv[next];
    if (!strcmp(option, "--")) {
      next++;
      break;
    }
    if (!strncmp(option, "--user=", 7)) user = option + 7;
    if (!strcmp(option, "--login")) login = 1;
    if (!strcmp(option, "--shell")) shell = 1;
    if (!strcmp(option, "-V") || !strcmp(option, "--version")) {
      puts("sudo of Drydock: you are root on this machine already, so it runs the command as it is.");
      return 0;
    }
    char kind = argument_option(option);
    if (kind || !strcmp(option, "--user")) {
      if (next + 1 >= argc) {
        fprintf(stderr, "sudo: option %s needs an argument\n", option);
        return 1;
      }
      next++;
      if (kind == 'u' || !kind) user = argv[next];
    } else if (option[1] != '-') {
      if (strchr(option, 'i')) login = 1;
      if (strchr(option, 's')) shell = 1;
      /* -v and -k ask nothing here: there is no password to remember or forget. */
      if (strchr(option, 'v') || strchr(option, 'k') || strchr(option, 'K')) return 0;
    }
  }
  for (; next < argc && strchr(argv[next], '=') && argv[next][0] != '='; next++) putenv(argv[next]);
  if (user && become(user)) return 1;
  if (next < argc) {
    execvp(argv[next], argv + next);
    fprintf(stderr, "sudo: %s: command not found\n", argv[next]);
    return 127;
  }
  if (login || shell) {
    char *command[] = {login ? "-bash" : "bash", NULL};
    if (login && getenv("HOME") && chdir(getenv("HOME"))) perror("sudo");
    execv("/bin/bash", command);
  }
  fputs("usage: sudo COMMAND\nYou are root on this machine already: sudo runs the command as it is.\n", stderr);
  return 1;
}
