// SPDX-License-Identifier: Apache-2.0
//
// json_parser: reads a configuration document into a fixed pool of nodes.
//
// Key idea: no heap. A node is an entry in an array, links are array indices, and decoded
// strings share one text buffer, so a whole document is one struct of known size. Numbers are
// kept in thousandths (no exponents), which is what settings need and is exact everywhere.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);

enum { MAX_NODES = 40, MAX_TEXT = 200, MAX_DEPTH = 8, NONE = -1 };
enum json_type {
    JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT
};

struct json_node {
    enum json_type type;
    int key, next; // key: offset in the text buffer; next: sibling
    int32_t value; // thousandths, offset of the string, or first child
};

struct json_document {
    struct json_node nodes[MAX_NODES];
    char text[MAX_TEXT];
    int node_count, text_size;
    const char *at;
};

static int parse_value(struct json_document *doc, int depth);

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(struct json_document *doc)
{
    while (*doc->at == ' ' || *doc->at == '\n' || *doc->at == '\t' || *doc->at == '\r')
        doc->at++;
    return *doc->at;
}

static bool accept(struct json_document *doc, char wanted)
{
    if (peek(doc) != wanted)
        return false;
    doc->at++;
    return true;
}

// Returns the offset of the decoded, terminated string, or NONE.
static int parse_string(struct json_document *doc)
{
    static const char escapes[] = "\"\"\\\\b\bf\fn\nr\rt\t"; // pairs: letter, meaning
    int start = doc->text_size;
    if (!accept(doc, '"') || start == MAX_TEXT)
        return NONE;
    for (char c; (c = *doc->at++) != '"'; doc->text[doc->text_size++] = c) {
        if ((unsigned char)c < 0x20 || doc->text_size >= MAX_TEXT - 1)
            return NONE;
        if (c == '\\') {
            size_t e = 0;
            while (escapes[e] != '\0' && escapes[e] != *doc->at)
                e += 2;
            if (escapes[e] == '\0')
                return NONE;
            c = escapes[e + 1];
            doc->at++;
        }
    }
    doc->text[doc->text_size++] = '\0';
    return start;
}

static bool parse_number(struct json_document *doc, int32_t *value)
{
    bool negative = accept(doc, '-');
    const char *first = doc->at;
    int32_t number = 0;
    for (; is_digit(*doc->at) && number < 200000; doc->at++)
        number = number * 10 + (*doc->at - '0');
    if (doc->at == first || is_digit(*doc->at) || (*first == '0' && doc->at != first + 1))
        return false;
    number *= 1000;
    if (*doc->at == '.') {
        first = ++doc->at;
        for (int32_t unit = 100; is_digit(*doc->at); unit /= 10)
            number += (*doc->at++ - '0') * unit;
        if (doc->at == first)
            return false;
    }
    *value = negative ? -number : number;
    return true;
}

static bool parse_members(struct json_document *doc, int parent, char close, int depth)
{
    int last = NONE;
    if (depth == MAX_DEPTH)
        return false;
    if (accept(doc, close))
        return true;
    do {
        int key = NONE;
        if (close == '}' && ((key = parse_string(doc)) == NONE || !accept(doc, ':')))
            return false;
        int child = parse_value(doc, depth + 1);
        if (child == NONE)
            return false;
        doc->nodes[child].key = key;
        *(last == NONE ? &doc->nodes[parent].value : &doc->nodes[last].next) = child;
        last = child;
    } while (accept(doc, ','));
    return accept(doc, close);
}

static int parse_value(struct json_document *doc, int depth)
{
    static const char *const words[] = {"null", "false", "true"};
    if (doc->node_count == MAX_NODES)
        return NONE;
    int index = doc->node_count++;
    struct json_node *node = &doc->nodes[index];
    *node = (struct json_node){JSON_NULL, NONE, NONE, NONE};
    char first = peek(doc);
    if (first == '{' || first == '[') {
        doc->at++;
        node->type = first == '{' ? JSON_OBJECT : JSON_ARRAY;
        return parse_members(doc, index, first == '{' ? '}' : ']', depth) ? index : NONE;
    }
    if (first == '"') {
        node->type = JSON_STRING;
        node->value = parse_string(doc);
        return node->value != NONE ? index : NONE;
    }
    if (first == '-' || is_digit(first)) {
        node->type = JSON_NUMBER;
        return parse_number(doc, &node->value) ? index : NONE;
    }
    node->type = first == 't' ? JSON_TRUE : first == 'f' ? JSON_FALSE : JSON_NULL;
    for (const char *word = words[node->type]; *word != '\0'; word++)
        if (*word != *doc->at++)
            return NONE;
    return index;
}

bool json_parse(struct json_document *doc, const char *source)
{
    doc->at = source;
    doc->node_count = doc->text_size = 0;
    return parse_value(doc, 0) != NONE && peek(doc) == '\0';
}

// Walks from the root along keys and array positions: "zones.1.name".
const struct json_node *json_find(const struct json_document *doc, const char *path)
{
    int at = 0;
    while (at != NONE && *path != '\0') {
        size_t size = 0;
        while (path[size] != '\0' && path[size] != '.')
            size++;
        const struct json_node *node = &doc->nodes[at];
        int position = node->type == JSON_ARRAY ? path[0] - '0' : 0;
        at = node->type < JSON_ARRAY ? NONE : node->value;
        for (; at != NONE; at = doc->nodes[at].next) {
            const char *key = doc->text + (node->type == JSON_OBJECT ? doc->nodes[at].key : 0);
            if (node->type == JSON_ARRAY ? position-- == 0
                                         : strlen(key) == size && memcmp(key, path, size) == 0)
                break;
        }
        path += size + (path[size] == '.');
    }
    return at == NONE ? NULL : &doc->nodes[at];
}

// Is the node at 'path' the given number (text is NULL) or the given string?
static bool holds(const struct json_document *doc, const char *path, int32_t number, const char *text)
{
    const struct json_node *node = json_find(doc, path);
    if (node == NULL || node->type != (text == NULL ? JSON_NUMBER : JSON_STRING))
        return false;
    return text == NULL ? node->value == number
                        : memcmp(doc->text + node->value, text, strlen(text) + 1) == 0;
}

int main(void)
{
    static const char config[] =
        "{ \"name\": \"pump \\\"A\\\"\\n\", \"enabled\": true, \"spare\": null,\r\n"
        "  \"limits\": [-12.5, 0, 100.125, [], {}],\n"
        "  \"zones\": [{\"id\": 7, \"name\": \"\"}, {\"id\": -8.004, \"name\": \"s\\\\t\"}] }\n";
    static const char *const malformed[] = {
        "",   "[1,]", "{\"a\" 1}", "[1 2]",   "\"open", "tru", "01",  "1.", "-", "{1:2}",
        "[}", "[",    "\"\\q\"",  "2000000", "1 1",    "nul", "\"a\tb\"", "[[[[[[[[[]]]]]]]]]",
    };
    static struct json_document doc;

    bool good = json_parse(&doc, config) && doc.node_count == 17 &&
                holds(&doc, "name", 0, "pump \"A\"\n") && holds(&doc, "zones.0.name", 0, "") &&
                holds(&doc, "zones.1.name", 0, "s\\t") && holds(&doc, "limits.0", -12500, NULL) &&
                holds(&doc, "limits.2", 100125, NULL) && holds(&doc, "zones.1.id", -8004, NULL) &&
                json_find(&doc, "enabled")->type == JSON_TRUE && !json_find(&doc, "limits.5") &&
                !json_find(&doc, "zones.0.id.x") && !json_find(&doc, "zone");
    for (size_t i = 0; good && i < sizeof malformed / sizeof malformed[0]; i++)
        good = !json_parse(&doc, malformed[i]);
    printf("json_parser: %s\n", good ? "ok" : "wrong tree or malformed input accepted");
    return good ? 0 : 1;
}
