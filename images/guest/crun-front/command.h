/*
 * Finds out in advance whether the kernel can run a container's command, as far as that can be told from outside: the file is there, may be
 * run and is a regular file, but its interpreter or loader is missing, or it is no program at all. crun and runc both notice that only after the
 * container was started. Whatever is not certain counts as fit: crun then says what it finds.
 */
#include <elf.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

static const char missing[] = "no such file or directory", no_program[] = "exec format error";

/* The root file system of a container that runs already, with all that is mounted in it; NULL before it runs. */
static const char *running_root;

/* Opens a file as the container will see it: in its root file system, or in a folder or file that is mounted into it. -ENOENT when it is certain that there is none; another negative number when nothing is certain. */
static int open_inside(char *config, const char *path) {
  char root[PATH_SIZE], destination[PATH_SIZE], type[64], source[PATH_SIZE], best[PATH_SIZE] = "";
  size_t matched = 0;
  if (running_root) strcpy(root, running_root);
  else if (!string_after(config, "\"root\":{\"path\":\"", root, sizeof root)) return -1;
  for (char *at = strstr(config, "\"mounts\":["); at && (at = strstr(at, "{\"destination\":\"")); at++) {
    if (!string_after(at, "{\"destination\":\"", destination, sizeof destination)) return -1;
    size_t length = strlen(destination);
    if (strncmp(path, destination, length) || (path[length] != '/' && path[length] != 0) || length < matched) continue;
    if (!string_after(at, "\"type\":\"", type, sizeof type) || strcmp(type, "bind") || !string_after(at, "\"source\":\"", source, sizeof source)) return -1;
    matched = length;
    strcpy(best, source);
  }
  /* A link in a mounted folder may lead back into the container's own files: not certain. */
  struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK, .resolve = matched ? RESOLVE_BENEATH : RESOLVE_IN_ROOT};
  if (matched && path[matched] == 0) return open(best, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  int folder = open(matched ? best : root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd = folder < 0 ? -1 : (int)syscall(SYS_openat2, folder, path + matched + 1, &how, sizeof how), error = errno;
  if (folder >= 0) close(folder);
  return fd >= 0 ? fd : folder >= 0 && error == ENOENT ? -ENOENT : -1;
}

static int is_missing(char *config, const char *path) {
  int fd = path[0] == '/' ? open_inside(config, path) : -1;
  if (fd >= 0) close(fd);
  return fd == -ENOENT;
}

/* What the kernel will say of a program that begins with these bytes; NULL where it will run it, as far as can be seen. */
static const char *fault_of_program(char *config, char *bytes, ssize_t length) {
  char *interpreter = NULL;
  if (length > 2 && bytes[0] == '#' && bytes[1] == '!') {
    interpreter = bytes + 2 + strspn(bytes + 2, " \t");
    interpreter[strcspn(interpreter, " \t\n")] = 0;
  } else if (length >= (ssize_t)sizeof(Elf32_Ehdr) && !memcmp(bytes, ELFMAG, SELFMAG)) {
    const Elf32_Ehdr *head = (const Elf32_Ehdr *)bytes;
    if (head->e_ident[EI_CLASS] != ELFCLASS32 || head->e_machine != EM_386) return no_program;
    for (int i = 0; i < head->e_phnum; i++) {
      size_t at = head->e_phoff + i * sizeof(Elf32_Phdr);
      const Elf32_Phdr *part = (const Elf32_Phdr *)(bytes + at);
      if (at + sizeof *part > (size_t)length) return NULL;
      if (part->p_type == PT_INTERP && part->p_offset < (size_t)length) interpreter = bytes + part->p_offset;
    }
  } else return no_program;
  return interpreter && interpreter[0] && is_missing(config, interpreter) ? missing : NULL;
}

/* Looks at one file that the command may mean. Gives 1 when it is that file; `fault` then says what is the matter with it, or NULL. */
static int look_at(char *config, const char *path, const char **fault) {
  static char bytes[PATH_SIZE + 1];
  struct stat facts;
  int fd = open_inside(config, path);
  *fault = NULL;
  if (fd == -ENOENT) return 0;
  if (fd >= 0 && !fstat(fd, &facts) && S_ISREG(facts.st_mode) && (facts.st_mode & 0111)) {
    ssize_t length = read(fd, bytes, PATH_SIZE);
    if (length >= 0) bytes[length] = 0;
    if (length >= 0) *fault = fault_of_program(config, bytes, length);
  }
  if (fd >= 0) close(fd);
  return 1;
}

/* What is the matter with the command of a container, and which file that is; NULL where nothing is, or where that cannot be told. */
static const char *fault_of_command(char *config, char *path) {
  char name[PATH_SIZE], cwd[PATH_SIZE], list[PATH_SIZE];
  const char *fault;
  if (!string_after(config, "\"args\":[\"", name, sizeof name)) return NULL;
  if (name[0] == '/') return look_at(config, strcpy(path, name), &fault) ? fault : NULL;
  if (strchr(name, '/')) {
    if (!string_after(config, "\"cwd\":\"", cwd, sizeof cwd)) return NULL;
    const char *inner = strncmp(name, "./", 2) ? name : name + 2;
    if (snprintf(path, PATH_SIZE, "%s/%s", strcmp(cwd, "/") ? cwd : "", inner) >= PATH_SIZE || strstr(path, "..")) return NULL;
    if (!look_at(config, path, &fault)) return NULL;
    return fault && snprintf(path, PATH_SIZE, "%s", name) > 0 ? fault : NULL;
  }
  if (!string_after(config, "\"PATH=", list, sizeof list)) return NULL;
  for (char *folder = strtok(list, ":"); folder; folder = strtok(NULL, ":")) {
    if (snprintf(path, PATH_SIZE, "%s/%s", folder, name) >= PATH_SIZE) return NULL;
    if (look_at(config, path, &fault)) return fault;
  }
  return NULL;
}
