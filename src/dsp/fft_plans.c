/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Written by gen_fft_plans.c. */
#include "dsp/fft_plans.h"

#include "base/base.h"

const struct g20_fft_plan g20_fft_plans[] = {
    {16, 1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_n1bv_16_sse2 0 #x11bdd #x11bdd #x0 #xc932d0f5 #x76a64631 #x75f502f8 #x0700dd0e)\n"
     ")\n"},
    {32, -1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2fv_4_avx 0 #x11bdd #x11bdd #x0 #x2e409fb5 #xc8ae30f5 #x9595d1bf #xf92668ad)\n"
     "  (fftwf_codelet_n2fv_8_avx 0 #x11bdd #x11bdd #x0 #x7762d90b #x5d2dda4d #xd0913aaa #x2277f831)\n"
     ")\n"},
    {32, 1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2bv_4_avx 0 #x11bdd #x11bdd #x0 #x9d2a9389 #xa11bb061 #xea224368 #xb6d89bb4)\n"
     "  (fftwf_codelet_n2bv_8_avx 0 #x11bdd #x11bdd #x0 #x8e850db9 #x586d0920 #x3fa730b1 #x871ca6ac)\n"
     ")\n"},
    {64, -1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2fv_8_avx 0 #x11bdd #x11bdd #x0 #x161166c7 #x05df8f94 #xd8ed13e3 #x84c874a9)\n"
     "  (fftwf_codelet_n2fv_8_avx 0 #x11bdd #x11bdd #x0 #x43891fa9 #xe40b2f6f #xf3e0a288 #xe5b9cf92)\n"
     ")\n"},
    {64, 1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_n2bv_8_avx 0 #x11bdd #x11bdd #x0 #x05152362 #x7501c200 #xae06a8b0 #x85142771)\n"
     "  (fftwf_codelet_t2bv_8_avx 0 #x11bdd #x11bdd #x0 #xbc91c04d #x38665880 #xcf423043 #x62f00107)\n"
     ")\n"},
    {128, -1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_n2fv_32_avx 0 #x11bdd #x11bdd #x0 #x12d24524 #x289b57fa #x2bd8cbf3 #xaac91103)\n"
     "  (fftwf_codelet_t2fv_4_avx 0 #x11bdd #x11bdd #x0 #x8f86ac3f #x7cc3d8db #xc7865ecc #xea8b825e)\n"
     ")\n"},
    {128, 1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_n2bv_32_avx 0 #x11bdd #x11bdd #x0 #xdacbc8bd #xebc59b08 #xc0d6617b #x26bed825)\n"
     "  (fftwf_codelet_t2bv_4_avx 0 #x11bdd #x11bdd #x0 #xdecbd8fc #x48c91b31 #x1e3d2434 #xc732f759)\n"
     ")\n"},
    {256, -1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2fv_4_avx 0 #x11bdd #x11bdd #x0 #x2c50659a #x343a7df7 #xd727540d #xacfea1f9)\n"
     "  (fftwf_codelet_n2fv_64_avx 0 #x11bdd #x11bdd #x0 #x03406dff #xc8fa0a2c #x62a9a61e #xa394d874)\n"
     ")\n"},
    {256, 1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2bv_32_avx 0 #x11bdd #x11bdd #x0 #xb070d958 #x23f0478f #x95da449c #x52df1d59)\n"
     "  (fftwf_codelet_n2bv_8_avx 0 #x11bdd #x11bdd #x0 #x017d7382 #xbd6f3d64 #x1cc0b76d #x12cff5e6)\n"
     ")\n"},
    {512, -1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2fv_8_avx 0 #x11bdd #x11bdd #x0 #xfeec02f8 #xbbf06357 #xb26e7a2b #xf7b9dcb8)\n"
     "  (fftwf_codelet_n2fv_64_avx 0 #x11bdd #x11bdd #x0 #x60f7dd6b #xe5962c71 #x960dc0f4 #x2fbec2ab)\n"
     ")\n"},
    {512, 1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2bv_64_avx 0 #x11bdd #x11bdd #x0 #x71b35416 #x033191ee #x08427f48 #x060813e0)\n"
     "  (fftwf_codelet_n2bv_8_avx 0 #x11bdd #x11bdd #x0 #x3c3f5102 #xa27b92c3 #x235c75ee #x2fe6d6a2)\n"
     ")\n"},
    {1024, -1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2fv_64_avx 0 #x11bdd #x11bdd #x0 #xc6ca45ce #xf08c5f4a #x61a53ade #xe5e374c8)\n"
     "  (fftwf_codelet_n2fv_16_avx 0 #x11bdd #x11bdd #x0 #xf246dd1d #x433be1dd #x669fbc87 #xe433ec82)\n"
     ")\n"},
    {1024, 1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_n2bv_16_avx 0 #x11bdd #x11bdd #x0 #x09828f7b #x31d0c35d #xa617d809 #x4ccb96bd)\n"
     "  (fftwf_codelet_t2bv_64_avx 0 #x11bdd #x11bdd #x0 #xd86f0fcc #x804581bb #x5ccfdfba #x14108c49)\n"
     ")\n"},
    {2048, -1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2fv_64_avx 0 #x11bdd #x11bdd #x0 #xa5af12be #x8ea95383 #xcd10c847 #xe6812dfa)\n"
     "  (fftwf_codelet_n2fv_32_avx 0 #x11bdd #x11bdd #x0 #x8a4c5fa4 #xb54017ef #x048c03df #x4f290280)\n"
     ")\n"},
    {2048, 1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2bv_64_avx 0 #x11bdd #x11bdd #x0 #x889f271b #xfc322bc3 #x77dab9f2 #x358ba725)\n"
     "  (fftwf_codelet_n2bv_32_avx 0 #x11bdd #x11bdd #x0 #x99e60d73 #x0bde6d2d #xf46fd4b1 #xc03f9218)\n"
     ")\n"},
    {4096, -1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t1fv_64_avx 0 #x11bdd #x11bdd #x0 #x21c528b9 #x63c201bc #xa3c09b11 #xc2b338e6)\n"
     "  (fftwf_codelet_n2fv_64_avx 0 #x11bdd #x11bdd #x0 #x27df1dad #x2c21af60 #x212f0751 #x93d6078b)\n"
     ")\n"},
    {4096, 1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_n2bv_64_avx 0 #x11bdd #x11bdd #x0 #x173bfad6 #xfe0ac75c #x930d4dd6 #x56064877)\n"
     "  (fftwf_codelet_t1bv_64_avx 0 #x11bdd #x11bdd #x0 #xb9da9e1a #xb5ad84a3 #xd98a6c23 #x906c1255)\n"
     ")\n"},
    {8192, -1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2fv_64_avx 0 #x11bdd #x11bdd #x0 #x84b4edf1 #xe2d8b4a4 #x8c99cc19 #x1d18fc7d)\n"
     "  (fftwf_codelet_t2fv_4_avx 0 #x11bdd #x11bdd #x0 #x5d434298 #x88e29877 #xadad8a78 #x52119eab)\n"
     "  (fftwf_dft_vrank_geq1_register 0 #x11bdd #x11bdd #x0 #x697b20b6 #x6432f0af #xb6a1bcf0 #x310827eb)\n"
     "  (fftwf_codelet_n1fv_32_avx 0 #x11bdd #x11bdd #x0 #xea294cb6 #x67ec5472 #xf523d9e6 #x4fea7ced)\n"
     ")\n"},
    {8192, 1,
     "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
     "  (fftwf_codelet_t2bv_4_avx 0 #x11bdd #x11bdd #x0 #xf06b0ac4 #x8ab72ac2 #x63b670d4 #xf83e4dff)\n"
     "  (fftwf_codelet_n1bv_32_avx 0 #x11bdd #x11bdd #x0 #x1e0a8c0c #xbe53118e #xf01badee #x51de4f5b)\n"
     "  (fftwf_codelet_t2bv_64_avx 0 #x11bdd #x11bdd #x0 #x8d9655ca #x438f5e9a #x75a3c7bc #xf7459970)\n"
     "  (fftwf_dft_vrank_geq1_register 0 #x11bdd #x11bdd #x0 #xeca2c7ac #xab07871d #xcf2fdd5c #xa724670f)\n"
     ")\n"},
};

const size_t g20_fft_plans_count = G20_COUNT_OF(g20_fft_plans);
