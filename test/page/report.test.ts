// The report as people see it, in a real browser: readable by all, on a phone, in the dark and on paper, and alone.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freeze } from '../../plan/gate.ts';
import { reportHtml } from '../../plan/report/html.ts';
import { reportOf } from '../../plan/report.ts';
import { began } from '../client/fixtures.ts';
import { good, incident } from '../plan/good-week.ts';

let browser: Browser;
let directory: string;
let url: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hubshift-page-'));
  const state = good({ rehearsal: 10_000, incidents: [incident({ actions: [{ what: 'restart nats-pc2', machine: 'PC2', result: 'started <again> & "well"', ms: 800 }] })] });
  state.evidence = freeze(state, { executable: [{ machine: 'PC2', entry: 1, step: '2A.deploy.container', kind: 'container.remove', target: 'edgehub', result: 'undone', ms: 0 }], levelThree: { none: 'no level 3 of this plan is on record' } }, began);
  const file = join(directory, 'report.html');
  await writeFile(file, reportHtml(reportOf(state, began + 3_600_000)));
  url = pathToFileURL(file).href;
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await rm(directory, { recursive: true, force: true });
});

async function opened(options: Parameters<Browser['newPage']>[0] = {}): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
  const page = await browser.newPage(options);
  const [requests, complaints]: [string[], string[]] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, requests, complaints };
}

/** Serious and critical, as axe has them. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

describe('the page', () => {
  it('asks the network for nothing and complains of nothing', async () => {
    const { page, requests, complaints } = await opened();
    expect(requests).toEqual([url]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('hides nothing from anybody, in %s colours', async (colorScheme) => {
    const { page } = await opened({ colorScheme });
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it('axe would say so if it did', async () => {
    const { page } = await opened();
    await page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p style=\"color:#eee;background:#fff\">faint</p>')");
    expect(await violations(page)).toEqual([expect.stringContaining('color-contrast')]);
    await page.close();
  });

  it('does not scroll sideways on a phone', async () => {
    const { page } = await opened({ viewport: { width: 390, height: 844 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.close();
  });

  it('is printed on six pages at most', async () => {
    const { page } = await opened();
    const pdf = (await page.pdf({ format: 'A4', margin: { top: '12mm', bottom: '12mm', left: '12mm', right: '12mm' } })).toString('latin1');
    const pages = pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThanOrEqual(6);
    await page.close();
  });

  it('shows every row, and what came from outside as text', async () => {
    const { page } = await opened();
    const text = (await page.textContent('body')) ?? '';
    for (const id of ['kpi.edgehub-uptime', 'go.rollback-confirmed', '2C.latency', 'checkpoint.day-7']) expect(text.replaceAll('\u200b', '')).toContain(id);
    expect(text).toContain('started <again> & "well"');
    expect(await page.locator('svg').count()).toBeGreaterThanOrEqual(4);
    await page.close();
  });
});
