// What a channel's answer must look like to be a page for people.
import { expect, it } from 'vitest';
import { isPage } from '../../../activities/http/page.ts';

const answer = (text: string, type?: string) => ({
  status: 200,
  headers: new Headers(type ? { 'content-type': type } : {}),
  text,
});

it.each<[text: string, type?: string]>([
  ['<!DOCTYPE html>\n<p>Who are you?'],
  ['\uFEFF\n <HTML lang="en">'],
  ['<!-- gate --><!-- 2 -- > -->\n<!doctype html>'],
  ['<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">'],
  ['<?xml version="1.0"?><!-- gate -->\n<html xmlns="http://www.w3.org/1999/xhtml">'],
  ['<head><title>Who are you?</title></head>'],
  ['<title>Who are you?</title>'],
  ['<META http-equiv="refresh" content="0; url=/login">'],
  ['<script>top.location = "/login"</script>'],
  ['<body onload="go()">'],
  ['<p>Who are you?</p>', 'text/html'],
  ['\n<form action="/login">', 'Text/HTML; charset=utf-8'],
  ['<a:html xmlns:a="http://www.w3.org/1999/xhtml"/>', 'application/xhtml+xml'],
])('%j, said to be %s, is a page', (text, type) => expect(isPage(answer(text, type))).toBe(true));

it.each<[text: string, type?: string]>([
  [''],
  ['ok'],
  ['{"page": "<html>"}', 'application/json'],
  ['see <html>'],
  ['<htmlish/>'],
  ['<header/>'],
  ['<!-- never ends <html>'],
  ['<!-- gate -->ok'],
  ['<?xml version="1.0"?><Response/>', 'text/xml'],
  ['ok', 'text/html; charset=utf-8'],
  ['', 'text/html'],
  ['<p/>', 'text/html5'],
])('%j, said to be %s, is none', (text, type) => expect(isPage(answer(text, type))).toBe(false));

it('a text of many comments is looked at in no time', () => {
  // The few first: with these a slow one comes back after seconds.
  for (const text of ['<!-- a -->\n'.repeat(26), '<!-- a -->\n'.repeat(100_000), ' '.repeat(1_000_000)]) {
    const begun = performance.now();
    expect(isPage(answer(`${text}<aside>`))).toBe(false);
    expect(performance.now() - begun).toBeLessThan(1_500);
  }
});
