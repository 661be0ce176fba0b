import { diagnosisClasses, type Session } from "@voxplain/caps-io";

/** A row may have a diagnosis of its own, such as an sMCI in the list of MCI; other words say no more than the list. */
export function ownClass({ diagnosis }: Session): number | undefined {
  return Object.hasOwn(diagnosisClasses, diagnosis) ? diagnosisClasses[diagnosis] : undefined;
}

/** The classes of the sessions whose diagnosis is known. */
export function classesOfSessions(sessions: readonly Session[]): ReadonlyMap<Session, number> {
  const classes = sessions.flatMap((session) => {
    const known = ownClass(session);
    return known === undefined ? [] : [[session, known] as const];
  });
  return new Map(classes);
}
