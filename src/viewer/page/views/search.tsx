/**
 * Where a text occurs: in candidates, prompts, replies, feedback, errors, inputs, outputs, warnings.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { SearchHit, SearchResult } from "../../api.ts";
import { searchPath } from "../../requests.ts";
import { useAnswer } from "../answer.ts";
import { onOneLine } from "../control-characters.ts";
import { plural } from "../format.ts";
import { candidateHref, rolloutHref, runHref } from "../links.ts";
import { InlineText } from "../parts/model-text.tsx";
import { Absent, Answered } from "../parts/notice.tsx";
import { route } from "../route.ts";

export function Search({ run }: { readonly run: string }): ComponentChildren {
  const q = route.value.query.q ?? "";
  const answer = useAnswer<SearchResult>(q === "" ? undefined : searchPath(run, q), { stays: true });
  if (q === "") return <Absent>Type to search; press / to reach the field.</Absent>;
  return (
    <Answered answer={answer}>
      {({ hits, isCut, q: found }) => (
        <>
          <p class="lead" role="status">
            {isCut ? `The first ${plural(hits.length, "hit")}` : plural(hits.length, "hit")} for “{onOneLine(found, 80)}”
          </p>
          <ol class="hits">
            {hits.map((hit, place) => (
              <li key={place}>
                <a href={hrefOf(run, hit)}>
                  <span class="kind">{hit.kind}</span>
                  <span class="found">
                    <InlineText text={hit.before} />
                    <mark>
                      <InlineText text={hit.match} />
                    </mark>
                    <InlineText text={hit.after} />
                  </span>
                  <span class="quiet">{onOneLine(hit.rollout ?? hit.candidate ?? hit.position ?? "", 80)}</span>
                </a>
              </li>
            ))}
          </ol>
        </>
      )}
    </Answered>
  );
}

function hrefOf(run: string, { rollout, candidate }: SearchHit): string {
  if (rollout !== null) return rolloutHref(run, rollout);
  return candidate === null ? runHref(run) : candidateHref(run, candidate);
}
