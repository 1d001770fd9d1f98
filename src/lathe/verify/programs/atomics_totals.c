/* C11 atomics in threads: additions, exchanges, compare-exchange loops, a spin lock and release-acquire
   hand-over, all with totals that do not depend on the schedule. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "check.h"

enum { THREADS = 3, ROUNDS = 200 };

static atomic_int sum, highest, tickets;
static _Atomic uint64_t product = 1;
static atomic_uint bits, parity;
static _Atomic(uint8_t) narrow;
static atomic_flag spin = ATOMIC_FLAG_INIT;
static int guarded[2];
static int payload[8];
static atomic_int ready;
static _Atomic(int *) slot;
static int cells[THREADS + 1];

static void raise_to(atomic_int *target, int value) {
  int seen = atomic_load_explicit(target, memory_order_relaxed);
  while (seen < value && !atomic_compare_exchange_weak(target, &seen, value)) continue;
}

static void *work(void *argument) {
  int id = *(const int *)argument;
  for (int i = 0; i < ROUNDS; i++) {
    atomic_fetch_add_explicit(&sum, id * 3 - i, memory_order_relaxed);
    atomic_fetch_sub(&narrow, (uint8_t)id);
    atomic_fetch_or(&bits, 1u << ((id * 5 + i) % 17));
    atomic_fetch_xor(&parity, (unsigned)(i * id) * 2654435761u);
    raise_to(&highest, (i * 37 + id * 11) % 1009);
    uint64_t old = atomic_load(&product);
    while (!atomic_compare_exchange_strong(&product, &old, old * 3)) continue;
    while (atomic_flag_test_and_set_explicit(&spin, memory_order_acquire)) sched_yield();
    guarded[0]++;
    guarded[1] = guarded[0] * 2;
    atomic_flag_clear_explicit(&spin, memory_order_release);
  }
  int ticket = tickets++;
  int *old = atomic_exchange(&slot, &cells[ticket]);
  if (old) atomic_thread_fence(memory_order_seq_cst), *old += 100;
  return NULL;
}

static void *consume(void *argument) {
  while (!atomic_load_explicit(&ready, memory_order_acquire)) sched_yield();
  int total = 0;
  for (int i = 0; i < 8; i++) total = total * 3 + payload[i];
  *(int *)argument = total;
  return NULL;
}

int main(void) {
  pthread_t thread[THREADS];
  int id[THREADS], total = 0;
  if (pthread_create(&thread[0], NULL, consume, &total)) return 2;
  for (int i = 0; i < 8; i++) payload[i] = hide(i * i);
  atomic_store_explicit(&ready, 1, memory_order_release);
  pthread_join(thread[0], NULL);
  report("handed over", total);
  for (int i = 0; i < THREADS; i++) {
    id[i] = hide(i + 1);
    if (pthread_create(&thread[i], NULL, work, &id[i])) return 2;
  }
  for (int i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
  expect("sum", sum, 3 * 6 * ROUNDS - 3 * (ROUNDS * (ROUNDS - 1) / 2));
  expect("narrow", narrow, (uint8_t)(-6 * ROUNDS));
  expect("bits", bits, 0x1ffff);
  report("parity", parity);
  report("highest", highest);
  report("product", (long long)product);
  expect("guarded", guarded[0] * 10 + guarded[1] / guarded[0], THREADS * ROUNDS * 10 + 2);
  expect("exchanged", cells[0] + cells[1] + cells[2] + cells[3], (THREADS - 1) * 100);
  int expected = hide(4);
  report("fails", atomic_compare_exchange_strong(&tickets, &expected, 9) * 100 + expected);
  report("succeeds", atomic_compare_exchange_strong(&tickets, &expected, 9) * 100 + tickets);
  report("old bits", atomic_fetch_and(&bits, 0xf0u));
  report("bits", bits);
  report("old sum", atomic_exchange(&sum, hide(6)));
  report("sum", sum -= 2);
  return 0;
}
