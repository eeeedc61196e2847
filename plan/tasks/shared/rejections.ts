// What a module of verdicts says of samples that it must not pass: each verdict once, or the compiler names it.
import type { Evaluation } from '../../week/record.ts';

export type Rejections<Module, Not = never> = Record<Exclude<keyof Module, Not>, Evaluation>;
