// SPDX-License-Identifier: Apache-2.0
// Functions that gcc compiles twice and takes the better one of for the machine; both give the same
// bits, since contraction into fused operations is off. Sanitizers cannot start with such
// functions.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HLS_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define HLS_VECTOR_CLONES
#endif
