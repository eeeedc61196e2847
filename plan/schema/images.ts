// What to know of images before a week: a name that may mean another one tomorrow.

/** Warnings first; nothing of images that go by digest. */
export function imageAdvice(images: string[]): string[] {
  return [...imageWarnings(images).map((warning) => `warning: ${warning}`), ...imageNotes(images)];
}

export function imageWarnings(images: string[]): string[] {
  const latest = named(images).filter(isLatest);
  return latest.length > 0 ? [`${latest.join(', ')}: another day it is another image; give it a digest`] : [];
}

export function imageNotes(images: string[]): string[] {
  const tagged = named(images).filter((image) => !isLatest(image));
  return tagged.length > 0 ? [`${tagged.join(', ')}: a tag can be moved, a digest not`] : [];
}

function named(images: string[]): string[] {
  return [...new Set(images)].filter((image) => !image.includes('@'));
}

/** Said, or meant: a port of a registry is no tag. */
function isLatest(image: string): boolean {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return !last.includes(':') || last.endsWith(':latest');
}
