/* Volatile objects: the number, order and width of accesses must stay, as counters and a signal handler see.
 */
#include <signal.h>

#include "check.h"

static volatile int ticks, port, history[8];
static volatile sig_atomic_t phase, seen[6], calls;
static int plain;

static int read_port(void) {
  ticks++;
  return port;
}

static void write_port(int value) {
  history[ticks++ & 7] = value;
  port = value;
}

static void on_signal(int number) {
  signal(number, on_signal);
  seen[calls] = phase * 10 + plain;
  calls = calls + 1;
}

static int use_or_not(int wanted) {
  int value = read_port();
  read_port();
  return wanted ? value + read_port() : 0;
}

static int sum_until(int limit) {
  int sum = 0;
  while (read_port() < limit) {
    write_port(port + 2);
    sum += port;
  }
  return sum;
}

static void phases(int last) {
  for (int i = 0; i < last; i++) {
    phase = i;
    plain = i;
    raise(SIGTERM);
    phase = 9; /* dead but for the handler */
  }
  raise(SIGTERM);
}

int main(void) {
  expect("not wanted", use_or_not(hide(0)), 0);
  expect("two reads", ticks, 2);
  write_port(hide(21));
  expect("wanted", use_or_not(hide(1)), 42);
  expect("six accesses", ticks, 6);
  write_port(5), write_port(5), write_port(7);
  expect("same value twice", ticks, 9);
  for (int limit = 6; limit <= 11; limit += 1 + (limit == 7)) {
    report("sum", sum_until(hide(limit)));
    report("accesses", ticks);
    report("port", port);
  }
  for (int i = 0; i < 8; i++) report("history", history[i]);
  struct {
    volatile uint8_t low;
    volatile uint16_t wide;
    uint8_t beside;
  } device = {1, 0xfffe, 3};
  for (int i = 0; i < hide(3); i++) device.low = (uint8_t)(device.low * 2 + 125), device.wide++;
  device.beside += device.low;
  report("device", device.low * 1000000LL + device.wide * 1000 + device.beside);
  signal(SIGTERM, on_signal);
  phases(hide(3));
  for (int i = 0; i < calls; i++) report("seen", seen[i]);
  return 0;
}
