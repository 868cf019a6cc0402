import { useEffect, useState } from 'preact/hooks';

const TICK_MILLISECONDS = 5000;

/** The time, moving on while `isRunning`: for durations that are shown. In milliseconds since 1970. */
export function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isRunning) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), TICK_MILLISECONDS);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}
