/* Docker's own display of a build: plain lines, or a picture that is drawn again in place on a terminal. */
#include "build.h"
#include <sys/ioctl.h>

static enum display mode;
static double started, last_draw;
static int drawn_lines, drawn_width;
static int next_index = 1, printed_any;
static struct vertex *current;
static double current_update;

void start_display(enum display wanted) {
  mode = wanted;
  started = now();
}

void format_bytes(char *to, size_t room, int64_t count) {
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
  double value = count;
  int unit = 0;
  while (value >= 1000 && unit < 4) value /= 1000, unit++;
  if (!unit) snprintf(to, room, "%lldB", (long long)count);
  else snprintf(to, room, "%.2f%s", value, units[unit]);
}

static void format_progress(char *to, size_t room, const struct status *status) {
  char done[32], all[32];
  format_bytes(done, sizeof done, status->current);
  format_bytes(all, sizeof all, status->total);
  *to = 0;
  if (status->total) snprintf(to, room, "%s / %s", done, all);
  else if (status->current) snprintf(to, room, "%s", done);
}

int is_canceled(const struct vertex *vertex) {
  static const char words[] = "context canceled";
  size_t length = vertex->error ? strlen(vertex->error) : 0, known = sizeof words - 1;
  return length >= known && !strcmp(vertex->error + length - known, words);
}

/* ---- plain ---- */

static void print_statuses(struct vertex *vertex) {
  for (int i = 0; i < vertex->status_count; i++) {
    struct status *status = &vertex->statuses[i];
    if (!status->dirty) continue;
    status->dirty = 0;
    if (status->was_printed && !status->completed) {
      double share = status->total > 0 ? (double)(status->current - status->printed) / status->total : 0;
      if (share < 0.05 && status->stamp - status->printed_at < 5) continue;
    }
    status->was_printed = 1;
    status->printed = status->current;
    status->printed_at = status->stamp;
    char progress[80];
    format_progress(progress, sizeof progress, status);
    double time = (status->completed ? status->completed : status->stamp) - status->started;
    fprintf(stderr, "#%d %s%s%s", vertex->index, status->id, *progress ? " " : "", progress);
    if (status->started && time > 0.01) fprintf(stderr, " %.1fs", time);
    fprintf(stderr, "%s\n", status->completed ? " done" : "");
  }
}

static void print_vertex(struct vertex *vertex) {
  if (!vertex->index) vertex->index = next_index++;
  if (vertex != current) {
    if (current) {
      if (current->log_open) fputc('\n', stderr);
      current->log_open = 0;
      fprintf(stderr, "#%d ...\n", current->index);
    }
    fprintf(stderr, "%s#%d %s\n", printed_any ? "\n" : "#0 building with \"default\" instance using docker driver\n\n", vertex->index, vertex->name);
    printed_any = 1;
  }
  print_statuses(vertex);
  for (; vertex->warnings_printed < vertex->warning_count; vertex->warnings_printed++)
    fprintf(stderr, "#%d WARN: %s\n", vertex->index, vertex->warnings[vertex->warnings_printed]);
  double stop = vertex_stop(vertex);
  /* The last line waits for its end, unless the step ended. */
  int whole = vertex->log_count - (vertex->log_partial && !stop);
  for (; vertex->logs_printed < whole; vertex->logs_printed++) fprintf(stderr, "#%d %s\n", vertex->index, vertex->logs[vertex->logs_printed]);
  current = vertex;
  current_update = now();
  vertex->dirty = 0;
  if (!stop) return;
  current = NULL;
  if (is_canceled(vertex)) fprintf(stderr, "#%d CANCELED\n", vertex->index);
  else if (vertex->error) fprintf(stderr, "#%d ERROR: %s\n", vertex->index, vertex->error);
  else if (vertex->cached) fprintf(stderr, "#%d CACHED\n", vertex->index);
  else fprintf(stderr, "#%d DONE %.1fs\n", vertex->index, vertex_time(vertex));
}

static void print_plain(void) {
  if (current && current->dirty) print_vertex(current);
  for (int i = 0; i < listed_count; i++)
    if (listed[i]->dirty && listed[i] != current && vertex_stop(listed[i])) print_vertex(listed[i]);
  for (int i = 0; i < listed_count; i++) {
    if (!listed[i]->dirty || listed[i] == current || vertex_stop(listed[i])) continue;
    if (!current || now() - current_update > 5) print_vertex(listed[i]);
  }
}

/* ---- terminal ---- */

static void terminal_size(int *width, int *height) {
  struct winsize size;
  *width = 80;
  *height = 10;
  if (ioctl(2, TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row) return;
  *width = size.ws_col;
  *height = size.ws_row;
}

/* Adds `text`, cut to `columns`, and spaces up to there when `fills`. */
static void add_cut(struct text *to, const char *text, int columns, int fills) {
  int used = 0;
  for (; *text; text++) {
    if ((*text & 0xc0) != 0x80 && ++used > columns) break;
    add_bytes(to, *text == '\t' ? " " : text, 1);
  }
  for (; fills && used < columns; used++) add_bytes(to, " ", 1);
}

struct row {
  char *name;
  char progress[80];
  double time;
  const char *color;
  int complete;
  struct vertex *vertex; /* its log may be shown below */
};
static struct row *rows;
static int row_count;

static void add_row(char *name, double time, int complete, const char *color, struct vertex *vertex) {
  rows = need(realloc(rows, (row_count + 1) * sizeof *rows));
  rows[row_count++] = (struct row){.name = name, .time = time, .complete = complete, .color = color, .vertex = vertex};
}

static char *words(const char *first, const char *second) {
  char *made;
  if (asprintf(&made, "%s%s", first, second) < 0) die("out of memory");
  return made;
}

static void make_rows(void) {
  for (int i = 0; i < row_count; i++) free(rows[i].name);
  row_count = 0;
  for (int i = 0; i < listed_count; i++) {
    struct vertex *vertex = listed[i];
    int canceled = is_canceled(vertex);
    const char *mark = canceled ? "CANCELED " : vertex->error ? "ERROR " : vertex->cached ? "CACHED " : "";
    const char *color = canceled ? "\x1b[33m" : vertex->error ? "\x1b[31m" : "\x1b[34m";
    add_row(words(mark, vertex->name), vertex_time(vertex), vertex_stop(vertex) > 0, color, vertex);
    for (int j = 0; j < vertex->status_count; j++) {
      struct status *status = &vertex->statuses[j];
      if (!status->started) continue;
      add_row(words("=> ", status->id), (status->completed ? status->completed : now()) - status->started, status->completed > 0, "\x1b[34m", NULL);
      format_progress(rows[row_count - 1].progress, sizeof rows[0].progress, status);
    }
    for (int j = 0; j < vertex->warning_count; j++) add_row(words("WARN: ", vertex->warnings[j]), vertex_time(vertex), 1, "\x1b[33m", NULL);
  }
}

/* The last lines of a log as a terminal of `width` would show them; gives their count. */
static int screen_lines(const struct text *log, int width, char lines[6][512]) {
  int row = 0, column = 0, used = 0;
  memset(lines, 0, 6 * 512);
  if (width > 500) width = 500;
  for (size_t i = 0; i < log->length; i++) {
    unsigned char c = log->at[i];
    if (c == 0x1b) { /* colours and cursor movements are left out */
      if (log->at[i + 1] == '[') for (i += 2; i < log->length && !(log->at[i] >= 0x40 && log->at[i] <= 0x7e); i++) {}
      continue;
    }
    if (c == '\r') column = 0;
    else if (c == '\n') {
      if (row == 5) {
        memmove(lines[0], lines[1], 5 * 512);
        memset(lines[5], 0, 512);
      } else row++;
      column = 0;
    } else if (c >= 32 || c == '\t') {
      if (column < width) lines[row][column++] = c == '\t' ? ' ' : c;
    }
  }
  for (int i = 0; i < 6; i++) used += *lines[i] != 0;
  return used;
}

static void add_log_lines(struct text *to, const struct vertex *vertex, int width, int *lines) {
  char shown[6][512];
  screen_lines(&vertex->screen, width - 10, shown);
  for (int i = 0; i < 6; i++) {
    if (!*shown[i]) continue;
    add(to, "\x1b[2m => => # ");
    add_cut(to, shown[i], width - 10, 0);
    add(to, "\x1b[0m\n");
    ++*lines;
  }
}

static void add_row_line(struct text *to, const struct row *row, int width) {
  char timer[32];
  struct text left = {0};
  snprintf(timer, sizeof timer, " %3.1fs", row->time < 0.05 ? 0 : row->time);
  int room = width - 4 - (int)strlen(timer) - 2, with_progress = 0;
  if (*row->progress && room + (int)strlen(row->progress) > 20) {
    with_progress = 1;
    room -= strlen(row->progress) + 1;
  }
  add(&left, " => ");
  add_cut(&left, row->name, room, 0);
  if (with_progress) add(&left, " %s", row->progress);
  const char *color = row->complete && !getenv("NO_COLOR") ? row->color : NULL;
  if (color) add(to, "%s", color);
  add_cut(to, left.at, width - (int)strlen(timer) - 1, 1);
  add(to, " %s%s\n", timer, color ? "\x1b[0m" : "");
  free(left.at);
}

static void draw(int final) {
  int width, height, complete = 0, total = 0, lines = 1, running = 0;
  struct text out = {0};
  terminal_size(&width, &height);
  make_rows();
  for (int i = 0; i < vertex_count; i++) {
    if (vertexes[i]->hidden) continue;
    total++;
    complete += vertex_stop(vertexes[i]) > 0;
  }
  /* The lines of before: a terminal that was made narrower has wrapped them. */
  int up = drawn_lines && drawn_width > width ? drawn_lines * ((drawn_width + width - 1) / width) : drawn_lines;
  if (up >= height) up = height - 1;
  if (up) add(&out, "\x1b[%dA", up);
  add(&out, "\r\x1b[J\x1b[?25l");
  char *head;
  int finished = final && complete && complete == total;
  if (asprintf(&head, "[+] Building %.1fs (%d/%d) %s", now() - started, complete, total, finished ? "FINISHED" : "") < 0) die("out of memory");
  add_cut(&out, head, width - 16, 1);
  add(&out, " docker:default\n");
  free(head);
  for (int i = 0; i < row_count; i++) running += !rows[i].complete;
  int room = final ? row_count : height - 3, logs = 0;
  /* A running step's log is shown where there is room for it. */
  if (!final && height - 2 - running > 9) logs = 1;
  for (int i = 0; logs && i < row_count; i++) {
    char shown[6][512];
    if (rows[i].vertex && !rows[i].complete && rows[i].vertex->screen.length) room -= screen_lines(&rows[i].vertex->screen, width - 10, shown);
  }
  int skip = row_count > room ? row_count - room : 0;
  for (int i = 0; i < row_count; i++) {
    /* What runs stays in sight; what is done goes first. */
    if (i < skip && rows[i].complete) continue;
    if (width < 30) continue;
    add_row_line(&out, &rows[i], width);
    lines++;
    if (logs && rows[i].vertex && !rows[i].complete && rows[i].vertex->screen.length) add_log_lines(&out, rows[i].vertex, width, &lines);
  }
  add(&out, "\x1b[?25h");
  fwrite(out.at, 1, out.length, stderr);
  fflush(stderr);
  free(out.at);
  drawn_lines = lines;
  drawn_width = width;
}

static void print_error_logs(void) {
  for (int i = 0; i < listed_count; i++) {
    struct vertex *vertex = listed[i];
    if (!vertex->error || is_canceled(vertex)) continue;
    fprintf(stderr, "------\n > %s:\n", vertex->name);
    /* The plain display has shown all of it already: the last ten lines are enough. */
    int from = mode == PLAIN && vertex->log_count > 10 ? vertex->log_count - 10 : 0;
    for (int j = from; j < vertex->log_count; j++) fprintf(stderr, "%s\n", vertex->logs[j]);
    fprintf(stderr, "------\n");
  }
}

void update_display(int final) {
  if (mode == QUIET) return;
  double time = now();
  if (!final && time - last_draw < 0.1) return;
  last_draw = time;
  if (mode == PLAIN) print_plain();
  else draw(final);
  if (final) print_error_logs();
}
