// SPDX-License-Identifier: Apache-2.0
//
// sorting: four sorting algorithms behind one interface, over small event records.
//
// Key idea: all sorts take the same (records, count, order) arguments, so one test harness runs
// each algorithm over each kind of input and proves the result is an ordered permutation, and a
// stable one where the algorithm promises it.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);
void *memcpy(void *to, const void *from, size_t size);

enum { MAX_RECORDS = 400, CUTOFF = 12 };

struct record {
    uint16_t key;
    uint16_t serial; // position in the unsorted input: tells equal keys apart
};

typedef int order_fn(const struct record *a, const struct record *b);
typedef void sort_fn(struct record *records, size_t count, order_fn *order);

static int ascending(const struct record *a, const struct record *b)
{
    return (a->key > b->key) - (a->key < b->key);
}

static int descending(const struct record *a, const struct record *b)
{
    return ascending(b, a);
}

static void swap_records(struct record *a, struct record *b)
{
    struct record held = *a;
    *a = *b;
    *b = held;
}

void insertion_sort(struct record *records, size_t count, order_fn *order)
{
    for (size_t i = 1; i < count; i++) {
        struct record moving = records[i];
        size_t hole = i;
        for (; hole > 0 && order(&records[hole - 1], &moving) > 0; hole--)
            records[hole] = records[hole - 1];
        records[hole] = moving;
    }
}

static void sift_down(struct record *heap, size_t root, size_t count, order_fn *order)
{
    for (;;) {
        size_t child = root * 2 + 1;
        if (child >= count)
            return;
        if (child + 1 < count && order(&heap[child], &heap[child + 1]) < 0)
            child++;
        if (order(&heap[root], &heap[child]) >= 0)
            return;
        swap_records(&heap[root], &heap[child]);
        root = child;
    }
}

void heap_sort(struct record *records, size_t count, order_fn *order)
{
    for (size_t root = count / 2; root-- > 0;)
        sift_down(records, root, count, order);
    for (size_t end = count; end-- > 1;) {
        swap_records(&records[0], &records[end]);
        sift_down(records, 0, end, order);
    }
}

static void merge_runs(struct record *to, const struct record *left, size_t left_count,
                       const struct record *right, size_t right_count, order_fn *order)
{
    while (left_count != 0 && right_count != 0) {
        if (order(left, right) <= 0) {
            *to++ = *left++;
            left_count--;
        } else {
            *to++ = *right++;
            right_count--;
        }
    }
    while (left_count-- != 0)
        *to++ = *left++;
    while (right_count-- != 0)
        *to++ = *right++;
}

void merge_sort(struct record *records, size_t count, order_fn *order)
{
    static struct record spare[MAX_RECORDS];
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t start = 0; start < count; start += 2 * run) {
            size_t left = count - start < run ? count - start : run;
            size_t right = count - start - left < run ? count - start - left : run;
            merge_runs(spare + start, records + start, left, records + start + left, right, order);
        }
        memcpy(records, spare, count * sizeof *records);
    }
}

static void quick_sort(struct record *records, size_t count, order_fn *order)
{
    while (count > CUTOFF) {
        struct record *middle = &records[count / 2], *last = &records[count - 1];
        if (order(middle, records) < 0)
            swap_records(middle, records);
        if (order(last, middle) < 0) {
            swap_records(last, middle);
            if (order(middle, records) < 0)
                swap_records(middle, records);
        }
        struct record pivot = *middle;
        size_t low = 0, high = count - 1;
        for (;;) {
            while (order(&records[low], &pivot) < 0)
                low++;
            while (order(&records[high], &pivot) > 0)
                high--;
            if (low >= high)
                break;
            swap_records(&records[low++], &records[high--]);
        }
        // Recurse into the smaller part only, so the stack depth stays logarithmic.
        if (low < count - low) {
            quick_sort(records, low, order);
            records += low;
            count -= low;
        } else {
            quick_sort(records + low, count - low, order);
            count = low;
        }
    }
    insertion_sort(records, count, order);
}

static uint32_t fill(struct record *records, size_t count, unsigned kind)
{
    uint32_t seed = 77u + kind, digest = 0;
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1103515245u + 12345u;
        uint32_t noise = seed >> 16;
        uint32_t ramp = kind == 2 ? (uint32_t)i : 900u - (uint32_t)i;
        uint32_t key = kind == 0 ? noise : kind == 1 ? noise % 7 : ramp;
        records[i].key = (uint16_t)key;
        records[i].serial = (uint16_t)i;
        digest += (uint32_t)records[i].key * 2654435761u ^ (uint32_t)i * 40503u;
    }
    return digest;
}

static bool is_sorted(const struct record *records, size_t count, order_fn *order, bool stable,
                      uint32_t digest)
{
    for (size_t i = 0; i < count; i++) {
        digest -= (uint32_t)records[i].key * 2654435761u ^ (uint32_t)records[i].serial * 40503u;
        int step = i == 0 ? -1 : order(&records[i - 1], &records[i]);
        if (step > 0 || (step == 0 && stable && records[i - 1].serial > records[i].serial))
            return false;
    }
    return digest == 0;
}

int main(void)
{
    static const struct {
        const char *name;
        sort_fn *sort;
        bool stable;
    } sorts[] = {
        {"insertion sort", insertion_sort, true},
        {"heap sort", heap_sort, false},
        {"merge sort", merge_sort, true},
        {"quick sort", quick_sort, false},
    };
    static const size_t counts[] = {0, 1, 2, 13, 100, MAX_RECORDS};
    static struct record records[MAX_RECORDS];

    for (size_t s = 0; s < sizeof sorts / sizeof sorts[0]; s++) {
        for (unsigned trial = 0; trial < 6 * 4 * 2; trial++) {
            size_t count = counts[trial % 6];
            order_fn *order = trial / 24 ? descending : ascending;
            uint32_t digest = fill(records, count, trial / 6 % 4);
            sorts[s].sort(records, count, order);
            if (!is_sorted(records, count, order, sorts[s].stable, digest)) {
                printf("sorting: %s, trial %u\n", sorts[s].name, trial);
                return 1;
            }
        }
    }
    printf("sorting: ok\n");
    return 0;
}
