import { untilFixed, type Waiver } from "../../model/findings/waiver.ts";
import type { PolicyWaivers } from "./policy-waivers.ts";

/** Why a waiver that is about a finding does not hold for it. */
type Obstacle = "expired" | "fixed" | "not-allowed";

/** The facts by which a waiver that is about a finding holds or does not. */
export interface WaiverMoment {
  /** A day as `until` has it. */
  readonly today: string;
  /** `fixed` waivers hold only without a fix; undefined for findings that have no such thing as a fix. */
  readonly hasFix: boolean | undefined;
}

/** Decides which waivers hold, and keeps account of those that do not. */
export class WaiverUse {
  readonly #waivers: PolicyWaivers;
  readonly #used = new Set<Waiver>();
  readonly #obstacles = new Map<Waiver, Obstacle>();

  constructor(waivers: PolicyWaivers) {
    this.#waivers = waivers;
  }

  /** The waiver by which a finding is waived, among those that are about it. */
  choose(about: readonly Waiver[], moment: WaiverMoment): Waiver | undefined {
    const holding: Waiver[] = [];
    for (const waiver of about) {
      const obstacle = obstacleOf(waiver, moment);
      if (obstacle) this.#obstacles.set(waiver, obstacle);
      else holding.push(waiver);
    }
    const isWaived = this.#waivers.deciding.every((counting) => holding.some((waiver) => counting.has(waiver)));
    for (const waiver of holding) {
      if (isWaived) this.#used.add(waiver);
      else this.#obstacles.set(waiver, "not-allowed");
    }
    return isWaived ? holding[0] : undefined;
  }

  /**
   * A sentence for each waiver without effect: those that met an obstacle, and of the policy itself those that
   * `shouldMatch` expects to match something here.
   */
  idle(shouldMatch: (waiver: Waiver) => boolean, { today }: Pick<WaiverMoment, "today">): readonly string[] {
    return this.#waivers.all.flatMap((waiver) => {
      if (this.#used.has(waiver)) return [];
      const obstacle = this.#obstacles.get(waiver);
      if (obstacle) return [`the waiver for ${waiver.id} ${obstacleText(obstacle, waiver)}`];
      if (!this.#waivers.own.has(waiver) || !shouldMatch(waiver)) return [];
      if (hasExpired(waiver, today)) return [`the waiver for ${waiver.id} ${obstacleText("expired", waiver)}`];
      return waiver.image ? [] : [`the waiver for ${waiver.id} matches nothing`];
    });
  }
}

function obstacleOf(waiver: Waiver, { today, hasFix }: WaiverMoment): Obstacle | undefined {
  if (waiver.until === untilFixed) return hasFix === false ? undefined : "fixed";
  return hasExpired(waiver, today) ? "expired" : undefined;
}

function hasExpired({ until }: Waiver, today: string): boolean {
  return until !== undefined && until !== untilFixed && until < today;
}

function obstacleText(obstacle: Obstacle, { until }: Waiver): string {
  if (obstacle === "expired") return `expired on ${until}`;
  return obstacle === "fixed"
    ? "has ended: a fix is available"
    : "does not apply: an extended policy does not allow it";
}
