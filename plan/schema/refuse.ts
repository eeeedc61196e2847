// How a check of the plan refuses: the path of the value at fault, and what is wanted there.

export type Refuse = (path: (string | number)[], wanted: string) => void;

/** Calls back for each value that was there before. */
export function unique(values: string[], refuse: (index: number) => void): void {
  values.forEach((value, index) => {
    if (values.indexOf(value) !== index) refuse(index);
  });
}
