// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// records: /api/signals, captures, missions and emissions out of plain lists, in the words of
// src/store/kinds.c.

export async function bodyOf(req) {
  const parts = [];
  for await (const p of req) parts.push(p);
  return JSON.parse(Buffer.concat(parts).toString() || '{}');
}

/** True when it answered. @records: {signals: [...], ...}; undefined: a daemon without a store. */
export async function answerRecords(records, req, res, url) {
  const [, kind, id] = /^\/api\/(\w+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
  const list = records?.[kind];
  if (!list) return false;
  const send = (status, body) => {
    res.statusCode = status;
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(body));
    return true;
  };
  if (req.method === 'GET' && !id) return send(200, { [kind]: list });
  if (req.method === 'POST' && !id) {
    const fields = await bodyOf(req);
    if (fields.name && list.some((r) => r.name === fields.name))
      return send(409, { error: `there is a ${fields.name} already` });
    const record = { id: `${kind}-${list.length + 1}`, created_us: 1, ...fields };
    list.push(record);
    return send(201, record);
  }
  const at = list.findIndex((r) => r.id === decodeURIComponent(id ?? ''));
  if (at < 0) return send(404, { error: 'no such record' });
  if (req.method === 'PATCH') return send(200, Object.assign(list[at], await bodyOf(req)));
  if (req.method === 'DELETE') {
    list.splice(at, 1);
    return send(200, {});
  }
  return send(405, { error: 'not allowed' });
}
