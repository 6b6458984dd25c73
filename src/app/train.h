/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* train: the trainings of `g20 train`, each with options of its own. */
#ifndef G20_APP_TRAIN_H
#define G20_APP_TRAIN_H

#include "app/app.h"

int g20_train_trunk(int argc, char **argv);  /* argv[0]: "trunk" */
int g20_train_head(int argc, char **argv);   /* argv[0]: "head" */
int g20_train_import(int argc, char **argv); /* argv[0]: "import" */
int g20_train_review(int argc, char **argv); /* argv[0]: "review" */
int g20_train_signal(int argc, char **argv); /* argv[0]: "signal" */

#endif
