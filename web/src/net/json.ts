// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// json: careful reading of what came from outside. A field of another type is as if absent.

export type Json = Record<string, unknown>;

export const isObject = (x: unknown): x is Json =>
  typeof x === 'object' && x !== null && !Array.isArray(x);
export const object = (x: unknown): Json => (isObject(x) ? x : {});

export const num = (o: Json, key: string): number | undefined =>
  typeof o[key] === 'number' && Number.isFinite(o[key]) ? o[key] : undefined;
export const str = (o: Json, key: string): string | undefined =>
  typeof o[key] === 'string' ? o[key] : undefined;
export const bool = (o: Json, key: string): boolean | undefined =>
  typeof o[key] === 'boolean' ? o[key] : undefined;

export const array = (x: unknown): unknown[] => (Array.isArray(x) ? x : []);
export const objects = (x: unknown): Json[] => array(x).filter(isObject);
export const strings = (x: unknown): string[] =>
  array(x).filter((v): v is string => typeof v === 'string' && v !== '');
export const positives = (x: unknown): number[] =>
  array(x).filter((v): v is number => typeof v === 'number' && v > 0 && v < Infinity);

/** The list in an answer: the answer itself, or the first of @keys that holds a list. */
export function listIn(x: unknown, ...keys: string[]): Json[] {
  if (Array.isArray(x)) return objects(x);
  const o = object(x);
  for (const k of keys) if (Array.isArray(o[k])) return objects(o[k]);
  return [];
}

/** @o without the members that are undefined. */
export function defined<T extends object>(o: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as Partial<T>;
}
