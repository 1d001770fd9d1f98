// The driver of the differential check: calls the functions of a module on generated inputs and writes what they did.
//
// Linked with the object under test and with the glue of `glue.py`, which knows the functions' types. For each function
// and input it writes a line: function, input, how the call ended, and a digest of all that could be seen: the result,
// memory reachable from the arguments, exported variables, live heap, and the calls of functions that are not in the
// module, which the glue stands in for. A function that is not in the build has one line, `0 a 0`. The same inputs are made in every build: pages for pointers lie at fixed places, and
// nothing depends on time. State is kept outside the data segment, which is put back as it was before every call.
//
//   program PAINT SECONDS [INPUTS]    PAINT fills stack and fresh heap; INPUTS: a byte for each call, 0 to leave it out

#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
  INPUTS = 48,
  SLOT = 256,  // bytes for each argument
  PAGE = 4096,
  PAGES = 12,  // the last four are what functions outside the module return
  FOREIGN = 8,
  MOST_TIMEOUTS = 3,
  GUARD_MICROSECONDS = 20000,
  CALL_MICROSECONDS = 100000,
  PAINTED_STACK = 32768,
  HEAP = 16 << 20,
};

struct parameter {
  char kind;  // i integer, f float, d double, p pointer, m anything else
  uint32_t bytes;
};
struct function {
  int (*thunk)(const char *arguments, char *result);
  const void *address;
  const struct parameter *parameters;
  uint32_t count;
  struct parameter result;
};
struct variable {
  const char *address;
  uint64_t bytes;
};
extern const struct function lathe_functions[];
extern const struct variable lathe_variables[];
extern const uint32_t lathe_function_count, lathe_variable_count;
extern char __data_start, _end, __executable_start;

enum ending { RETURNED = 'r', THREW = 't', STOPPED = 's', CRASHED = 'c', TIMED_OUT = 'o', EXHAUSTED = 'h' };

struct block {
  uint64_t bytes, live;
};
struct state {
  sigjmp_buf place;
  uint64_t random, trace, used, fixed_used;
  int calling;
  unsigned char paint;
  _Alignas(16) char arguments[64 * SLOT], result[PAGE], stack[65536];
  _Alignas(16) char fixed_heap[HEAP];  // of what is allocated outside calls
  _Alignas(16) char heap[HEAP];
};
static char *const arena = (char *)0x10000000000;
static char *const callable = (char *)0x18000000000;
static struct state *const state = (struct state *)0x20000000000;

static uint64_t mix(uint64_t h, uint64_t v) {
  h = (h ^ v) * 0x9E3779B97F4A7C15u;
  return h ^ (h >> 29);
}

static uint64_t next(void) {
  state->random += 0x9E3779B97F4A7C15u;
  uint64_t x = state->random;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// Addresses of code, variables, stack, heap and libraries differ between builds: only their kind counts.
static uint64_t normalise(uint64_t word) {
  if (word >= (uintptr_t)&__executable_start && word < (uintptr_t)&_end) return 1;
  if (word >> 40 == 0x7f || word >> 40 == 0x7e) return 2;
  if (word >= (uintptr_t)state && word < (uintptr_t)(state + 1)) return 3;
  return word;
}

static uint64_t mix_bytes(uint64_t h, const char *bytes, uint64_t count) {
  uint64_t word;
  for (; count >= 8; bytes += 8, count -= 8) {
    memcpy(&word, bytes, 8);
    if (word) h = mix(h, normalise(word) ^ (uintptr_t)count << 40);
  }
  for (; count; bytes++, count--) h = mix(h, (unsigned char)*bytes);
  return h;
}

// What glue calls for functions outside the module.

uint64_t lathe_mix(uint64_t h, uint64_t v) { return mix(h, v); }

uint64_t lathe_mix_pointer(uint64_t h, void *p) { return mix(h, normalise((uintptr_t)p)); }

uint64_t lathe_event(uint64_t h) { return state->trace = mix(state->trace, h); }

uint64_t lathe_value(uint64_t h) {
  h = mix(h, 7);
  switch (h >> 62) {
    case 0: return h;
    case 1: return h & 1;
    case 2: return ~(h & 3);
    default: return h & 15;
  }
}

void *lathe_foreign(uint64_t h, int may_be_null) {
  if (may_be_null && h % 8 == 0) return NULL;
  return arena + (FOREIGN + h / 8 % (PAGES - FOREIGN)) * 2 * PAGE;
}

_Noreturn void lathe_stop(uint64_t h) {
  lathe_event(h);
  siglongjmp(state->place, STOPPED);
}

// The heap: the same addresses for the same requests, and all that is live can be seen.

static void *map(void *place, size_t bytes) {
  if (mmap(place, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != place)
    _exit(71);
  return place;
}

// At the first allocation, which the loader may ask for, or else before the module's constructors run.
__attribute__((constructor(101))) static void map_memory(void) {
  static int mapped;
  if (mapped) return;
  mapped = 1;
  map(state, sizeof *state);
  for (int i = 0; i < PAGES; i++) map(arena + i * 2 * PAGE, PAGE);
}

__attribute__((weak)) void *malloc(size_t bytes) {
  map_memory();
  uint64_t *used = state->calling ? &state->used : &state->fixed_used;
  char *heap = state->calling ? state->heap : state->fixed_heap;
  if (bytes > HEAP / 4 || *used + bytes + 64 > HEAP) {
    if (state->calling) siglongjmp(state->place, EXHAUSTED);
    return NULL;
  }
  struct block *block = (struct block *)(heap + *used);
  *used += sizeof *block + ((bytes + 15) & ~15ull);
  *block = (struct block){bytes, 1};
  memset(block + 1, state->paint, bytes);
  return block + 1;
}

__attribute__((weak)) void free(void *p) {
  if ((char *)p > state->fixed_heap && (char *)p < state->heap + HEAP) ((struct block *)p)[-1].live = 0;
}

__attribute__((weak)) void *calloc(size_t count, size_t bytes) {
  size_t all;
  if (__builtin_mul_overflow(count, bytes, &all)) return NULL;
  void *p = malloc(all);
  return p ? memset(p, 0, all) : p;
}

__attribute__((weak)) void *realloc(void *old, size_t bytes) {
  void *p = malloc(bytes);
  if (old && p) {
    uint64_t had = ((struct block *)old)[-1].bytes;
    memcpy(p, old, had < bytes ? had : bytes);
    free(old);
  }
  return p;
}

__attribute__((weak)) void *aligned_alloc(size_t alignment, size_t bytes) {
  if (alignment > PAGE) return NULL;
  uintptr_t p = (uintptr_t)malloc(bytes + alignment);  // found among the blocks as one that is larger
  return (void *)((p + alignment - 1) & ~(alignment - 1));
}

// Inputs.

static uint64_t pick_integer(void) {
  uint64_t r = next(), v = next();
  switch (r & 7) {
    case 0: return ~(v & 15);
    case 1: return v & 63;
    case 2: return (1ull << (v & 63)) + (v >> 32 & 3) - 1;
    case 3: return ~0ull >> (v & 63);
    case 4: return v;
    default: return v & 15;
  }
}

static double pick_double(void) {
  static const double some[] = {0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.25, 1e10, -1e-10, 255.0, 1e300};
  uint64_t r = next();
  return r & 1 ? some[r / 2 % (sizeof some / sizeof *some)] : (double)(int64_t)(r / 2 % 20001 - 10000) / 8;
}

// Stands for any function that a pointer may lead to, behind a jump at the same place in every build.
static uint64_t callback(void) { return lathe_value(lathe_event(9)) & 3; }

static void write_jump(void) {
  uint64_t to = (uintptr_t)callback;
#ifdef __x86_64__
  memcpy(callable, "\x48\xb8\0\0\0\0\0\0\0\0\xff\xe0", 12);  // mov rax, to; jmp rax
  memcpy(callable + 2, &to, 8);
#else
  memcpy(callable, "\x50\0\0\x58\0\x02\x1f\xd6", 8);  // ldr x16, to; br x16
  memcpy(callable + 8, &to, 8);
#endif
  mprotect(callable, PAGE, PROT_READ | PROT_EXEC);
  __builtin___clear_cache(callable, callable + 16);
}

static char *pick_pointer(void) {
  if (next() % 8 == 0) return callable;
  return arena + next() % PAGES * 2 * PAGE + next() % 4 * 64;
}

static void fill_words(char *bytes, uint64_t count, int mode) {
  for (uint64_t i = 0; i + 8 <= count; i += 8) {
    uint64_t r = next(), word = 0;
    float small[2] = {(float)pick_double(), (float)pick_double()};
    double large = pick_double();
    switch (mode) {
      case 0: word = r & 0x0000000700000007u; break;
      case 1: word = (r & 0x1f1f1f1f1f1f1f1fu) + 0x4040404040404040u - (r & 8 ? 0x2000000000000020u : 0); break;
      case 2: word = r & 1 ? (uintptr_t)pick_pointer() : r >> 8 & 0x0000000f0000000fu; break;
      case 3: word = r; break;
      case 4: memcpy(&word, small, 8); break;
      case 5: memcpy(&word, &large, 8); break;
      case 6: word = r & 3 ? (uintptr_t)pick_pointer() : 0; break;
      default: word = r & (r >> 32 & 1 ? 0xff000000ffu : 0x0f0f0f0f0f0f0f0fu); break;
    }
    if (mode == 1 && r >> 60 == 0) word &= 0x00ffffffffffffffu;  // strings end
    memcpy(bytes + i, &word, 8);
  }
  if (mode == 1) bytes[count - 1] = 0;
}

static void fill_argument(const struct parameter *parameter, uint32_t number, int mode, char *slot) {
  uint64_t integer = pick_integer();
  double large = pick_double();
  float small = (float)large;
  uint64_t r = next() % 24;
  char *pointer = r == 0 ? NULL : r < 5 ? callable : arena + (number % FOREIGN) * 2 * PAGE;
  switch (parameter->kind) {
    case 'i': memcpy(slot, &integer, 8); break;
    case 'f': memcpy(slot, &small, 4); break;
    case 'd': memcpy(slot, &large, 8); break;
    case 'p': memcpy(slot, &pointer, 8); break;
    default: fill_words(slot, SLOT, mode);
  }
}

static void prepare(const struct function *function, uint32_t number, uint32_t input) {
  state->random = ((uint64_t)number << 32) + input;
  int mode = input % 8;
  for (int i = 0; i < PAGES; i++) fill_words(arena + i * 2 * PAGE, PAGE, mode);
  for (uint32_t i = 0; i < function->count; i++)
    fill_argument(&function->parameters[i], i, mode, state->arguments + i * SLOT);
  memset(state->result, 0, sizeof state->result);
  state->trace = next();
  state->used = 0;
}

// Calls.

static void handle(int number) {
  if (!state->calling) _exit(70);
  siglongjmp(state->place, number == SIGPROF ? TIMED_OUT : CRASHED);
}

static void set_timer(long microseconds) {
  struct itimerval value = {{0, 0}, {0, microseconds}};
  setitimer(ITIMER_PROF, &value, NULL);
}

__attribute__((noinline)) static void paint_stack(void) {
  volatile unsigned char bytes[PAINTED_STACK];
  for (int i = 0; i < PAINTED_STACK; i++) bytes[i] = state->paint;
}

static int call(const struct function *function, long microseconds) {
  int ending = sigsetjmp(state->place, 1);
  if (!ending) {
    set_timer(microseconds);
    state->calling = 1;
    paint_stack();  // last, so that nothing of ours is left where the function's variables will be
    ending = function->thunk(state->arguments, state->result) ? THREW : RETURNED;
  }
  state->calling = 0;
  set_timer(0);
  return ending;
}

static uint64_t digest_result(const struct parameter *result) {
  float small;
  double large;
  memcpy(&small, state->result, sizeof small);
  memcpy(&large, state->result, sizeof large);
  if (result->kind == 'f' && small != small) return 4;  // the bits of a NaN are nobody's promise
  if (result->kind == 'd' && large != large) return 4;
  return mix_bytes(5, state->result, result->bytes < PAGE ? result->bytes : PAGE);
}

// What was written to a block: bytes that still have the paint are nobody's.
static uint64_t mix_block(uint64_t h, const unsigned char *bytes, uint64_t count) {
  for (uint64_t i = 0; i < count; i += 8) {
    uint64_t word = 0, painted = 0, length = count - i < 8 ? count - i : 8;
    memcpy(&word, bytes + i, length);
    for (uint64_t k = 0; k < length; k++) painted += bytes[i + k] == state->paint;
    if (!painted) h = mix(h, normalise(word) ^ i << 40);
    for (uint64_t k = 0; painted && k < length; k++)
      if (bytes[i + k] != state->paint) h = mix(h, bytes[i + k] ^ (i + k) << 40);
  }
  return h;
}

static uint64_t digest(const struct function *function, int ending) {
  uint64_t h = mix(state->trace, (uint64_t)ending);
  if (ending == RETURNED) h = mix(h, digest_result(&function->result));
  for (int i = 0; i < PAGES; i++) h = mix_bytes(h, arena + i * 2 * PAGE, PAGE);
  for (uint32_t i = 0; i < lathe_variable_count; i++)
    if (lathe_variables[i].address) h = mix_bytes(h, lathe_variables[i].address, lathe_variables[i].bytes);
  for (uint64_t at = 0; at < state->used;) {
    struct block *block = (struct block *)(state->heap + at);
    if (block->bytes > HEAP) break;  // overwritten
    if (block->live) h = mix_block(mix(h, block->bytes), (unsigned char *)(block + 1), block->bytes);
    at += sizeof *block + ((block->bytes + 15) & ~15ull);
  }
  return h;
}

static void watch_signals(void) {
  stack_t stack = {.ss_sp = state->stack, .ss_size = sizeof state->stack};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK | SA_NODEFER};
  int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGPROF, SIGSYS};
  for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, NULL);
}

int __wrap_main(int count, char **words) {
  if (count < 3) return 72;
  state->paint = (unsigned char)atoi(words[1]);
  clock_t limit = (clock_t)(atof(words[2]) * CLOCKS_PER_SEC);
  uint64_t calls = (uint64_t)lathe_function_count * INPUTS, data = (uint64_t)(&_end - &__data_start);
  char *saved = map((char *)0x30000000000, data + 1), *wanted = map((char *)0x31000000000, calls + 1);
  long microseconds = count > 3 ? CALL_MICROSECONDS : GUARD_MICROSECONDS;
  memset(wanted, 1, calls);
  if (count > 3) {
    int file = open(words[3], O_RDONLY);
    if (file < 0 || read(file, wanted, calls) != (ssize_t)calls) return 73;
    close(file);
  }
  watch_signals();
  map(callable, PAGE);
  write_jump();
  memcpy(saved, &__data_start, data);
  for (uint32_t f = 0; f < lathe_function_count; f++) {
    const struct function *function = &lathe_functions[f];
    int timeouts = 0;
    if (!function->address) dprintf(1, "%u 0 a 0\n", f);  // inlined everywhere, or left to another object
    for (uint32_t i = 0; i < INPUTS && function->address && timeouts < MOST_TIMEOUTS; i++) {
      if (!wanted[f * INPUTS + i]) continue;
      if (clock() > limit) return 0;
      prepare(function, f, i);
      int ending = call(function, microseconds);
      uint64_t seen = ending == RETURNED || ending == THREW || ending == STOPPED ? digest(function, ending) : 0;
      memcpy(&__data_start, saved, data);
      timeouts += ending == TIMED_OUT;
      if (dprintf(1, "%u %u %c %llx\n", f, i, ending, (unsigned long long)seen) < 0) return 74;
    }
  }
  return 0;
}
