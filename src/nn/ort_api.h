/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ort_api: the few entries of ONNX Runtime's C interface that are used here, by their place in its
 * table. Private to ort*.c and its tests.
 *
 * OrtGetApiBase() gives two functions, the first of which gives a table of functions for a version.
 * That table is only ever appended to, so a place holds for every later library; all places below
 * are of version 16 or older. tests/nn/test_ort.c holds them against the real header where there is
 * one. Objects are opaque; a status of NULL is success. */
#ifndef G20_NN_ORT_API_H
#define G20_NN_ORT_API_H

#include <stddef.h>
#include <stdint.h>

enum {
    ORT_API_ASKED = 16, /* that this program asks for: of ONNX Runtime 1.16 */
    ORT_LOG_ERROR = 3,
    ORT_OPTIMIZE_ALL = 99,
    ORT_ARENA_ALLOCATOR = 1,
    ORT_MEMORY_DEFAULT = 0,
    ORT_ELEMENT_FLOAT = 1,
};

struct ort_status;
struct ort_env;
struct ort_memory;
struct ort_session;
struct ort_value;
struct ort_type;
struct ort_shape; /* OrtTensorTypeAndShapeInfo */
struct ort_options;
struct ort_run_options;
struct ort_allocator;
struct ort_cuda;
struct ort_tensorrt;

typedef struct ort_status *ort_result;
typedef void (*ort_entry)(void);
typedef void ort_log_fn(void *user, int severity, const char *category, const char *id,
                        const char *location, const char *text);

struct ort_base {
    const ort_entry *(*get_api)(uint32_t version);
    const char *(*get_version)(void);
};

/* place, what it returns, name as in the header, arguments */
/* clang-format off */
#define ORT_ENTRIES(X)                                                                            \
    X(2, const char *, GetErrorMessage, (const struct ort_status *))                              \
    X(4, ort_result, CreateEnvWithCustomLogger,                                                   \
      (ort_log_fn *, void *user, int level, const char *id, struct ort_env **))                   \
    X(8, ort_result, CreateSessionFromArray,                                                      \
      (const struct ort_env *, const void *, size_t, const struct ort_options *,                  \
       struct ort_session **))                                                                    \
    X(9, ort_result, Run,                                                                         \
      (struct ort_session *, const struct ort_run_options *, const char *const *inputs,           \
       const struct ort_value *const *, size_t, const char *const *outputs, size_t,               \
       struct ort_value **))                                                                      \
    X(10, ort_result, CreateSessionOptions, (struct ort_options **))                              \
    X(23, ort_result, SetSessionGraphOptimizationLevel, (struct ort_options *, int))              \
    X(24, ort_result, SetIntraOpNumThreads, (struct ort_options *, int))                          \
    X(25, ort_result, SetInterOpNumThreads, (struct ort_options *, int))                          \
    X(30, ort_result, SessionGetInputCount, (const struct ort_session *, size_t *))               \
    X(31, ort_result, SessionGetOutputCount, (const struct ort_session *, size_t *))              \
    X(33, ort_result, SessionGetInputTypeInfo,                                                    \
      (const struct ort_session *, size_t, struct ort_type **))                                   \
    X(34, ort_result, SessionGetOutputTypeInfo,                                                   \
      (const struct ort_session *, size_t, struct ort_type **))                                   \
    X(36, ort_result, SessionGetInputName,                                                        \
      (const struct ort_session *, size_t, struct ort_allocator *, char **))                      \
    X(37, ort_result, SessionGetOutputName,                                                       \
      (const struct ort_session *, size_t, struct ort_allocator *, char **))                      \
    X(49, ort_result, CreateTensorWithDataAsOrtValue,                                             \
      (const struct ort_memory *, void *, size_t bytes, const int64_t *dim, size_t dims,          \
       int type, struct ort_value **))                                                            \
    X(51, ort_result, GetTensorMutableData, (struct ort_value *, void **))                        \
    X(55, ort_result, CastTypeInfoToTensorInfo,                                                   \
      (const struct ort_type *, const struct ort_shape **))                                       \
    X(60, ort_result, GetTensorElementType, (const struct ort_shape *, int *))                    \
    X(61, ort_result, GetDimensionsCount, (const struct ort_shape *, size_t *))                   \
    X(62, ort_result, GetDimensions, (const struct ort_shape *, int64_t *, size_t))               \
    X(65, ort_result, GetTensorTypeAndShape, (const struct ort_value *, struct ort_shape **))     \
    X(69, ort_result, CreateCpuMemoryInfo, (int allocator, int kind, struct ort_memory **))       \
    X(76, ort_result, AllocatorFree, (struct ort_allocator *, void *))                            \
    X(78, ort_result, GetAllocatorWithDefaultOptions, (struct ort_allocator **))                  \
    X(92, void, ReleaseEnv, (struct ort_env *))                                                   \
    X(93, void, ReleaseStatus, (struct ort_status *))                                             \
    X(94, void, ReleaseMemoryInfo, (struct ort_memory *))                                         \
    X(95, void, ReleaseSession, (struct ort_session *))                                           \
    X(96, void, ReleaseValue, (struct ort_value *))                                               \
    X(98, void, ReleaseTypeInfo, (struct ort_type *))                                             \
    X(99, void, ReleaseTensorTypeAndShapeInfo, (struct ort_shape *))                              \
    X(100, void, ReleaseSessionOptions, (struct ort_options *))                                   \
    X(125, ort_result, GetAvailableProviders, (char ***, int *))                                  \
    X(126, ort_result, ReleaseAvailableProviders, (char **, int))                                 \
    X(130, ort_result, AddSessionConfigEntry,                                                     \
      (struct ort_options *, const char *key, const char *value))                                 \
    X(170, ort_result, SessionOptionsAppendExecutionProvider_TensorRT_V2,                         \
      (struct ort_options *, const struct ort_tensorrt *))                                        \
    X(171, ort_result, CreateTensorRTProviderOptions, (struct ort_tensorrt **))                   \
    X(172, ort_result, UpdateTensorRTProviderOptions,                                             \
      (struct ort_tensorrt *, const char *const *keys, const char *const *values, size_t))        \
    X(174, void, ReleaseTensorRTProviderOptions, (struct ort_tensorrt *))                         \
    X(204, ort_result, SessionOptionsAppendExecutionProvider_CUDA_V2,                             \
      (struct ort_options *, const struct ort_cuda *))                                            \
    X(205, ort_result, CreateCUDAProviderOptions, (struct ort_cuda **))                           \
    X(208, void, ReleaseCUDAProviderOptions, (struct ort_cuda *))
/* clang-format on */

struct ort_api {
#define X(place, type, name, args) type(*name) args;
    ORT_ENTRIES(X)
#undef X
};

#endif
