// SPDX-License-Identifier: Apache-2.0
//
// scheduler: a cooperative real-time kernel in miniature: priorities, sleeping, and semaphores.
//
// Key idea: all waiting is a queue of tasks threaded through the task records. Ready tasks sit in
// one queue per priority with a bitmap of non-empty queues; sleepers sit in a list ordered by
// wake-up time, each storing only the ticks after its predecessor, so a tick touches one entry.
// A task is a step function that is called again and again and says what to wait for next.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);
int memcmp(const void *a, const void *b, size_t size);

enum { PRIORITIES = 8, TRACE_SIZE = 64, BUFFER_SIZE = 2 };

struct task {
    struct task *next;
    void (*step)(struct task *self);
    uint32_t delay; // ticks after the sleeper before this one
    uint8_t priority;
    char name;
    int phase, runs;
};

struct queue {
    struct task *head, *tail;
};

struct semaphore {
    int count;
    struct queue waiting;
};

static struct queue ready[PRIORITIES];
static uint32_t ready_bitmap;
static struct task *sleepers;
static char trace[TRACE_SIZE + 1];
static unsigned trace_size;

static void enqueue(struct queue *queue, struct task *task)
{
    task->next = NULL;
    if (queue->head == NULL)
        queue->head = task;
    else
        queue->tail->next = task;
    queue->tail = task;
}

static struct task *dequeue(struct queue *queue)
{
    struct task *task = queue->head;
    if (task != NULL)
        queue->head = task->next;
    return task;
}

// Lets the task run again, after the ready tasks of its own priority.
void task_ready(struct task *task)
{
    enqueue(&ready[task->priority], task);
    ready_bitmap |= 1u << task->priority;
}

void task_sleep(struct task *task, uint32_t ticks)
{
    struct task **link = &sleepers;
    while (*link != NULL && (*link)->delay <= ticks) {
        ticks -= (*link)->delay;
        link = &(*link)->next;
    }
    if (*link != NULL)
        (*link)->delay -= ticks;
    task->delay = ticks;
    task->next = *link;
    *link = task;
}

// Takes a unit and returns true, or queues the task until a unit is handed to it.
bool semaphore_take(struct semaphore *semaphore, struct task *task)
{
    if (semaphore->count > 0) {
        semaphore->count--;
        return true;
    }
    enqueue(&semaphore->waiting, task);
    return false;
}

void semaphore_give(struct semaphore *semaphore)
{
    struct task *waiter = dequeue(&semaphore->waiting);
    if (waiter != NULL)
        task_ready(waiter);
    else
        semaphore->count++;
}

static int highest_priority(uint32_t bitmap)
{
    int priority = 0;
    for (int half = PRIORITIES / 2; half != 0; half /= 2) {
        if (bitmap >> half != 0) {
            bitmap >>= half;
            priority += half;
        }
    }
    return priority;
}

// Runs every ready task, most urgent first, until all of them wait.
static void run_ready(void)
{
    while (ready_bitmap != 0) {
        int priority = highest_priority(ready_bitmap);
        struct task *task = dequeue(&ready[priority]);
        if (ready[priority].head == NULL)
            ready_bitmap &= ~(1u << priority);
        if (trace_size < TRACE_SIZE)
            trace[trace_size++] = task->name;
        task->runs++;
        task->step(task);
    }
}

void scheduler_run(uint32_t ticks)
{
    for (run_ready(); ticks != 0; ticks--) {
        if (trace_size < TRACE_SIZE)
            trace[trace_size++] = '.';
        if (sleepers != NULL && sleepers->delay != 0)
            sleepers->delay--;
        while (sleepers != NULL && sleepers->delay == 0) {
            struct task *awake = sleepers;
            sleepers = awake->next;
            task_ready(awake);
        }
        run_ready();
    }
}

// The application: a producer and a consumer around a two-place ring buffer, a watchdog that
// checks the buffer's invariant every third tick, and two idle workers that take turns.

static struct semaphore free_places = {.count = BUFFER_SIZE}, filled_places;
static int ring[BUFFER_SIZE], produced, consumed, consumed_sum, violations;

// Produces as long as there is room, then sleeps two ticks after every third item.
static void producer_step(struct task *self)
{
    if (self->phase == 0) {
        self->phase = 1;
        if (!semaphore_take(&free_places, self))
            return;
    }
    ring[produced % BUFFER_SIZE] = produced * produced;
    produced++;
    semaphore_give(&filled_places);
    self->phase = 0;
    if (produced % 3 == 0)
        task_sleep(self, 2);
    else
        task_ready(self);
}

// Consumes one item per tick.
static void consumer_step(struct task *self)
{
    if (self->phase == 0) {
        self->phase = 1;
        if (!semaphore_take(&filled_places, self))
            return;
    }
    consumed_sum += ring[consumed % BUFFER_SIZE];
    consumed++;
    semaphore_give(&free_places);
    self->phase = 0;
    task_sleep(self, 1);
}

static void watchdog_step(struct task *self)
{
    violations += produced - consumed < 0 || produced - consumed > BUFFER_SIZE;
    task_sleep(self, 3);
}

static void worker_step(struct task *self)
{
    if (++self->phase % 2 != 0)
        task_ready(self);
    else
        task_sleep(self, 4);
}

static struct task tasks[] = {
    {.step = watchdog_step, .priority = 7, .name = 'W'},
    {.step = producer_step, .priority = 4, .name = 'P'},
    {.step = consumer_step, .priority = 5, .name = 'C'},
    {.step = worker_step, .priority = 0, .name = 'x'},
    {.step = worker_step, .priority = 0, .name = 'y'},
};

int main(void)
{
    static const char expected[] = "WCPCPPxyxy.C.CPPP.WCP.Cxyxy.CPPP.WCP.C.CPPPxyxy.WCP.C.CPPP.WCPxy";
    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++)
        task_ready(&tasks[i]);
    scheduler_run(60);
    const char *wrong = memcmp(trace, expected, sizeof expected - 1) != 0 ? "order of execution" : NULL;
    if (tasks[0].runs != 21 || tasks[3].runs != 32 || tasks[4].runs != 32)
        wrong = "periods";
    if (violations != 0 || consumed_sum != (consumed - 1) * consumed * (2 * consumed - 1) / 6)
        wrong = "ring buffer";
    printf("scheduler: %s\n", wrong == NULL ? "ok" : wrong);
    return wrong == NULL ? 0 : 1;
}
