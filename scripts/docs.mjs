// Writes docs/reference/ from the declarations of the sources. test/parity.test.ts fails when a page is stale.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parityPage } from '#app/reference.ts';
import { aadstsPage } from '#app/reference-aadsts.ts';
import { everyFault } from '#app/reference-constructors.ts';
import { everyLack } from '#app/reference-lacks.ts';
import { refusalsPage } from '#app/reference-refusals.ts';
import { declaredSurfaces } from '#app/reference-surfaces.ts';

const folder = new URL('../docs/reference/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('parity.md', folder), parityPage(await declaredSurfaces(), everyLack()));
const faults = await everyFault();
writeFileSync(new URL('refusals.md', folder), refusalsPage(faults));
writeFileSync(new URL('aadsts.md', folder), aadstsPage(faults));
