/*
 * renew-cluster pg_control WAL-SEGMENT: gives a copied PostgreSQL cluster an identity of its own, as initdb would have: a system identifier and the
 * nonce that hides which users exist. The identifier is the first thing in pg_control, and stands in the head of the write-ahead log; the nonce stands
 * before pg_control's checksum (src/include/catalog/pg_control.h, src/include/access/xlog_internal.h of PostgreSQL). Where the checksum stands
 * is found by computing it, so that nothing is written into a file of another layout.
 *
 * Without the C library: it is pulled with the image. Ends with a number that says what was wrong.
 */
#include <stdint.h>

enum { READ = 3, WRITE = 4, OPEN = 5, EXIT = 1, GETPID = 20, LSEEK = 19, GETTIMEOFDAY = 78, GETRANDOM = 355 };
enum { CONTROL_BYTES = 512, NONCE_BYTES = 32, HEAD_BYTES = 64, READ_WRITE = 2 };

static long call(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

static void end(int code) {
  for (;;) call(EXIT, code, 0, 0);
}

/* CRC-32C, as PostgreSQL computes it. */
static uint32_t crc32c(const unsigned char *bytes, int count) {
  uint32_t crc = 0xffffffff;
  for (int at = 0; at < count; at++) {
    crc ^= bytes[at];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

static int same(const unsigned char *a, const unsigned char *b, int count) {
  for (int at = 0; at < count; at++)
    if (a[at] != b[at]) return 0;
  return 1;
}

static void copy(unsigned char *to, const void *from, int count) {
  for (int at = 0; at < count; at++) to[at] = ((const unsigned char *)from)[at];
}

/* seconds << 32 | microseconds << 12 | pid, as initdb makes it (BootStrapXLOG). */
static void make_identifier(unsigned char *identifier) {
  uint32_t now[2];
  call(GETTIMEOFDAY, (long)now, 0, 0);
  uint32_t low = now[1] << 12 | (call(GETPID, 0, 0, 0) & 0xfff);
  copy(identifier, &low, 4);
  copy(identifier + 4, &now[0], 4);
}

static unsigned char control[CONTROL_BYTES], head[HEAD_BYTES], old[8], nonce[NONCE_BYTES];

static int find_checksum(void) {
  for (int at = 8 + NONCE_BYTES; at <= CONTROL_BYTES - 4; at += 4) {
    uint32_t crc = crc32c(control, at);
    if (same(control + at, (unsigned char *)&crc, 4)) return at;
  }
  return -1;
}

static void put(int file, const unsigned char *bytes, int count, int code) {
  if (call(LSEEK, file, 0, 0) != 0 || call(WRITE, file, (long)bytes, count) != count) end(code);
}

__attribute__((used)) static void run(long *stack) {
  if (stack[0] != 3) end(2);
  int control_file = call(OPEN, stack[2], READ_WRITE, 0), log_file = call(OPEN, stack[3], READ_WRITE, 0);
  if (control_file < 0 || log_file < 0) end(3);
  if (call(READ, control_file, (long)control, CONTROL_BYTES) != CONTROL_BYTES) end(4);
  if (call(READ, log_file, (long)head, HEAD_BYTES) != HEAD_BYTES) end(4);
  int checksum = find_checksum();
  if (checksum < 0) end(5);
  copy(old, control, 8);
  /* After a page header of 20 bytes, or 24 where long numbers stand at multiples of eight. */
  int place = same(head + 20, old, 8) ? 20 : same(head + 24, old, 8) ? 24 : -1;
  if (place < 0) end(6);
  if (call(GETRANDOM, (long)nonce, NONCE_BYTES, 0) != NONCE_BYTES) end(7);
  make_identifier(control);
  copy(control + checksum - NONCE_BYTES, nonce, NONCE_BYTES);
  copy(head + place, control, 8);
  uint32_t crc = crc32c(control, checksum);
  copy(control + checksum, &crc, 4);
  put(log_file, head, HEAD_BYTES, 8);
  put(control_file, control, CONTROL_BYTES, 8);
  end(0);
}

__asm__(".globl _start\n_start: mov %esp, %eax\n push %eax\n call run\n");
