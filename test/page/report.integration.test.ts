// The report as people see it, in a real browser: readable by all, on a phone, in the dark and on paper, and alone.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freeze } from '../../plan/evidence/gate.ts';
import { reportHtml } from '../../plan/report/html.ts';
import { reportOf } from '../../plan/report/report.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { began, weekAfter } from '../client/fixtures.ts';
import { fullWeek } from '../plan/evidence/good-week.ts';

let browser: Browser;
let directory: string;

/** All that a week can have to tell, nothing yet, and something. */
const weeks = { full: decided, empty: () => weekAfter([]), middle: () => weekAfter(['preflight', '2A']) };
type Week = keyof typeof weeks;
const names = Object.keys(weeks) as Week[];

function decided(): WeekState {
  const state = fullWeek();
  state.incidents[0]!.actions[0]!.result = 'started <again> & "well"';
  state.evidence = freeze(
    state,
    {
      executable: [
        {
          machine: 'PC2',
          entry: 1,
          step: '2A.deploy.container',
          kind: 'container.remove',
          target: 'edgehub',
          result: 'undone',
          ms: 0,
        },
      ],
      levelThree: { none: 'no level 3 of this plan is on record' },
    },
    began,
  );
  state.approvals = [
    {
      decision: 'go',
      confidencePercent: 96,
      reason: 'I looked twice',
      by: 'Bob',
      from: 'bob@desk',
      at: began + 9_000,
      evidence: state.evidence.digest,
      override: true,
    },
  ];
  return state;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hubshift-page-'));
  for (const name of names)
    await writeFile(join(directory, `${name}.html`), reportHtml(reportOf(weeks[name](), began + 3_600_000)));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await rm(directory, { recursive: true, force: true });
});

const urlOf = (week: Week) => pathToFileURL(join(directory, `${week}.html`)).href;

async function opened(
  week: Week = 'full',
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
  const page = await browser.newPage(options);
  const [requests, complaints]: [string[], string[]] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(urlOf(week));
  return { page, requests, complaints };
}

/** Serious and critical, as axe has them. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

async function pagesPrinted(page: Page): Promise<number> {
  const pdf = (
    await page.pdf({ format: 'A4', margin: { top: '12mm', bottom: '12mm', left: '12mm', right: '12mm' } })
  ).toString('latin1');
  return pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
}

describe.each(names)('the page of a week: %s', (week) => {
  it('asks the network for nothing and complains of nothing', async () => {
    const { page, requests, complaints } = await opened(week);
    expect(requests).toEqual([urlOf(week)]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('hides nothing from anybody, in %s colours', async (colorScheme) => {
    const { page } = await opened(week, { colorScheme });
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it('does not scroll sideways on a phone, and hides nothing there', async () => {
    const { page } = await opened(week, { viewport: { width: 390, height: 844 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it('is printed on six pages at most', async () => {
    const { page } = await opened(week);
    const pages = await pagesPrinted(page);
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThanOrEqual(6);
    await page.close();
  });

  it('is printed with no type below 8 pt', async () => {
    const { page } = await opened(week, { viewport: { width: 718, height: 1_047 } });
    await page.emulateMedia({ media: 'print' });
    const smallest = await page.evaluate(
      "Math.min(...[...document.querySelectorAll('body *')].filter(({ innerText }) => innerText).map((element) => parseFloat(getComputedStyle(element).fontSize)))",
    );
    expect(smallest).toBeCloseTo((8 * 96) / 72, 1);
    await page.close();
  });
});

describe('the page', () => {
  it('axe would say so if it hid something', async () => {
    const { page } = await opened();
    await page.evaluate(
      "document.querySelector('main').insertAdjacentHTML('beforeend', '<p style=\"color:#eee;background:#fff\">faint</p>')",
    );
    expect(await violations(page)).toEqual([expect.stringContaining('color-contrast')]);
    await page.close();
  });

  it('shows every row, and what came from outside as text', async () => {
    const { page } = await opened();
    const text = (await page.textContent('body')) ?? '';
    for (const id of [
      'kpi.edgehub-uptime',
      'go.rollback-confirmed',
      '2C.latency',
      'checkpoint.day-7',
      '2B.undo.configs',
      'comms.level-3',
    ])
      expect(text).toContain(id);
    expect(text).toContain('started <again> & "well"');
    await page.close();
  });

  it('draws what was measured, and the course of each KPI', async () => {
    const { page } = await opened();
    expect(await page.locator('.charts svg').count()).toBe(4);
    expect(await page.locator('.courses polyline').count()).toBe(9);
    await page.close();
    const empty = await opened('empty');
    expect(await empty.page.locator('svg').count()).toBe(0);
    await empty.page.close();
  });

  it('gives what was found the whole width of a phone', async () => {
    const { page } = await opened('full', { viewport: { width: 390, height: 844 } });
    const narrowest = await page.evaluate(
      "Math.min(...[...document.querySelectorAll('.rows td:last-child')].map((cell) => cell.getBoundingClientRect().width))",
    );
    expect(narrowest).toBeGreaterThan(340);
    await page.close();
  });

  it('keeps the texts of a chart within it', async () => {
    for (const viewport of [
      { width: 1_200, height: 800 },
      { width: 390, height: 844 },
    ]) {
      const { page } = await opened('full', { viewport });
      const cut = await page.evaluate(
        `[...document.querySelectorAll('svg')].flatMap((svg) => [...svg.querySelectorAll('text')].filter((text) => text.getBoundingClientRect().right > svg.getBoundingClientRect().right + 1 || text.getBoundingClientRect().left < svg.getBoundingClientRect().left - 1).map((text) => text.textContent))`,
      );
      expect(cut).toEqual([]);
      await page.close();
    }
  });
});
