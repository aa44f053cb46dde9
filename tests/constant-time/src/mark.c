#include <stddef.h>
#include <valgrind/memcheck.h>

void mark_undefined_memory(const void *memory, size_t length) {
    (void)VALGRIND_MAKE_MEM_UNDEFINED(memory, length);
}

void mark_defined_memory(const void *memory, size_t length) {
    (void)VALGRIND_MAKE_MEM_DEFINED(memory, length);
}
