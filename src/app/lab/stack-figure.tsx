import type { JSX } from 'preact';
import { stacksInWords, type Part, type Stacks } from './stacks.ts';

/** Where a box stands in the drawing. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const WIDTH = 380;
const GAP = 6;
const HALF = (WIDTH - 4 * GAP) / 2;
const LEFT = GAP;
const RIGHT = WIDTH - GAP - HALF;
const TOP = 24;
const PROGRAMS_HEIGHT = 64;
const LAYER_HEIGHT = 36;
const KERNEL_Y = TOP + PROGRAMS_HEIGHT + GAP;
const PC_Y = KERNEL_Y + LAYER_HEIGHT + GAP;
const GROUND_Y = PC_Y + LAYER_HEIGHT + 2 * GAP;
const GROUND_HEIGHT = 24;
const HEIGHT = GROUND_Y + 2 * (GROUND_HEIGHT + GAP);
const ENGINE_WIDTH = 50;
/** The lab's own container beside others, of the room that containers have. */
const OWN_SHARE = 0.55;

/** The two stacks, drawn from what runs: a part lights up while it does. */
export function StackFigure({ stacks }: { stacks: Stacks }): JSX.Element {
  const { ground, vm, host } = stacks;
  const layer = (x: number, y: number): Box => ({ x, y, width: HALF, height: LAYER_HEIGHT });
  return (
    <figure class="lab-figure">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={stacksInWords(stacks)}>
        <text class="stack-title" x={LEFT + HALF / 2} y={15}>
          Virtual machine
        </text>
        <text class="stack-title" x={RIGHT + HALF / 2} y={15}>
          Containers
        </text>
        {split(vm.programs, { x: LEFT, y: TOP, width: HALF, height: PROGRAMS_HEIGHT })}
        <PartBox part={vm.kernel} box={layer(LEFT, KERNEL_Y)} />
        <PartBox part={vm.pc} box={layer(LEFT, PC_Y)} />
        <PartBox part={host.engine} box={{ x: RIGHT, y: TOP, width: ENGINE_WIDTH, height: PROGRAMS_HEIGHT }} />
        <Containers parts={host.containers} />
        <PartBox part={host.kernel} box={layer(RIGHT, KERNEL_Y)} />
        <PartBox part={host.pc} box={layer(RIGHT, PC_Y)} />
        {ground.map((part, index) => (
          <PartBox
            key={part.name}
            part={part}
            isGround
            box={{ x: GAP, y: GROUND_Y + (ground.length - 1 - index) * (GROUND_HEIGHT + GAP), width: WIDTH - 2 * GAP, height: GROUND_HEIGHT }}
          />
        ))}
      </svg>
      <figcaption>
        Lit: it runs. A virtual machine brings a kernel of its own; containers are processes on the host’s kernel, which the engine has started and
        looks after.
      </figcaption>
    </figure>
  );
}

/** Programs side by side; the first, which does the work, has the most room. */
function split(parts: readonly Part[], box: Box): JSX.Element[] {
  const shares = parts.map((_, index) => (index === 0 ? 1.4 : 1));
  const sum = shares.reduce((total, share) => total + share, 0);
  const room = box.width - GAP * (parts.length - 1);
  let { x } = box;
  return parts.map((part, index) => {
    const width = (room * shares[index]!) / sum;
    const place = { ...box, x, width };
    x += width + GAP;
    return <PartBox key={part.name} part={part} box={place} />;
  });
}

function Containers({ parts }: { parts: readonly Part[] }): JSX.Element {
  const [own, ...others] = parts;
  const x = RIGHT + ENGINE_WIDTH + GAP;
  const width = HALF - ENGINE_WIDTH - GAP;
  const ownWidth = others.length === 0 ? width : width * OWN_SHARE;
  const otherHeight = (PROGRAMS_HEIGHT - (others.length - 1) * GAP) / Math.max(1, others.length);
  return (
    <>
      {own !== undefined && <PartBox part={own} box={{ x, y: TOP, width: ownWidth, height: PROGRAMS_HEIGHT }} />}
      {others.map((part, index) => (
        <PartBox
          key={part.name}
          part={part}
          box={{ x: x + ownWidth + GAP, y: TOP + index * (otherHeight + GAP), width: width - ownWidth - GAP, height: otherHeight }}
        />
      ))}
    </>
  );
}

/** What tells a state without colour. */
const marks = { off: '', waiting: ' …', on: '', broken: ' ✕' } as const;

function PartBox({ part, box, isGround = false }: { part: Part; box: Box; isGround?: boolean }): JSX.Element {
  const { name, note, state } = part;
  const [centre, middle] = [box.x + box.width / 2, box.y + box.height / 2];
  const hasTwoLines = note !== undefined && box.height >= LAYER_HEIGHT;
  const label = hasTwoLines || note === undefined ? name : `${name}, ${note}`;
  return (
    <g class={`stack-part ${state} ${isGround ? 'ground' : ''}`}>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={4} />
      <text x={centre} y={hasTwoLines ? middle - 3 : middle + 4}>
        {fitted(label, box.width) + marks[state]}
      </text>
      {hasTwoLines && (
        <text class="stack-note" x={centre} y={middle + 11}>
          {fitted(note, box.width)}
        </text>
      )}
    </g>
  );
}

/** About what a letter of the drawing takes. */
const LETTER_WIDTH = 5.6;

/** A name may be any length: what does not fit is cut, visibly. */
function fitted(text: string, width: number): string {
  const room = Math.floor((width - 6) / LETTER_WIDTH);
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
}
