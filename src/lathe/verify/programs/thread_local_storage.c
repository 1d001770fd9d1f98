/* Thread-local variables and a mutex: totals are exact, each thread has its own copies, and no access to a
   shared variable may move out of its lock. */
#include <pthread.h>

#include "check.h"

enum { THREADS = 4, ROUNDS = 60 };

static _Thread_local int own = 5, *pointer;
static _Thread_local struct {
  uint32_t seed;
  int steps;
} local;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long shared_total, shared_square;
static int turn, order[THREADS * 3];

typedef struct {
  int id, result;
  uint32_t last;
} Job;

static NOINLINE int *own_address(void) { return &own; }

static uint32_t step(void) {
  local.steps++;
  return local.seed = local.seed * 1103515245u + 12345;
}

static void *work(void *argument) {
  Job *job = argument;
  local.seed = (uint32_t)job->id;
  pointer = own_address();
  for (int i = 0; i < ROUNDS; i++) {
    uint32_t value = step() >> 24;
    own += i % (job->id + 2);
    if (value & 1) ++*pointer;
    pthread_mutex_lock(&lock);
    shared_total += value;
    shared_square += shared_total - (shared_total - (long)value * 2);
    pthread_mutex_unlock(&lock);
  }
  job->result = own * 1000 + local.steps;
  job->last = local.seed;
  return &job->result;
}

static void *take_turns(void *argument) {
  const Job *job = argument;
  for (int i = 0; i < 3; i++) {
    pthread_mutex_lock(&lock);
    while (turn % THREADS != job->id) pthread_cond_wait(&changed, &lock);
    order[turn++] = job->id * 10 + i;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

int main(void) {
  pthread_t thread[THREADS];
  Job job[THREADS];
  own = hide(77);
  for (int i = 0; i < THREADS; i++) {
    job[i] = (Job){hide(i), 0, 0};
    if (pthread_create(&thread[i], NULL, work, &job[i])) return 2;
  }
  for (int i = 0; i < THREADS; i++) {
    void *result;
    pthread_join(thread[i], &result);
    report("result", *(int *)result);
    report("last", job[i].last);
  }
  report("total", shared_total);
  expect("square", shared_square, shared_total * 2);
  report("untouched", own * 10 + local.steps + (pointer == NULL));
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&thread[i], NULL, take_turns, &job[i])) return 2;
  for (int i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
  for (int i = 0; i < THREADS * 3; i++) report("turn", order[i]);
  return 0;
}
