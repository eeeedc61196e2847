// What to know of images before a week: a name that may mean another one tomorrow.

/** Warnings first; nothing of images that go by digest. */
export function imageAdvice(images: string[]): string[] {
  const named = [...new Set(images)].filter((image) => !image.includes('@'));
  const latest = named.filter(isLatest);
  const tagged = named.filter((image) => !isLatest(image));
  return [
    ...(latest.length > 0 ? [`warning: ${latest.join(', ')}: another day it is another image; give it a digest`] : []),
    ...(tagged.length > 0 ? [`${tagged.join(', ')}: a tag can be moved, a digest not`] : []),
  ];
}

/** Said, or meant: a port of a registry is no tag. */
function isLatest(image: string): boolean {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return !last.includes(':') || last.endsWith(':latest');
}
