/** The files of a new lesson, by their path in its folder: two steps that pass `npm run lesson -- check` as they are. */
export function scaffold(title: string): ReadonlyMap<string, string> {
  return new Map([
    ['lesson.md', lessonText(title)],
    ['files/greeting.txt', 'Hello from a container\n'],
    ['solution/write/Dockerfile', 'FROM busybox\nCOPY greeting.txt /\nCMD ["cat", "/greeting.txt"]\n'],
  ]);
}

function lessonText(title: string): string {
  return `---
title: ${JSON.stringify(title)}
summary: Write a Dockerfile, build an image of it and run a container.
minutes: 10
variables:
  user: { label: Your name, default: student, pattern: '[a-z0-9]{3,20}' }
open: greeting.txt
cleanup: [ 'docker rmi -f {{user}}/greeting' ]
---

What the learner will do, and why. In the workspace lies [greeting.txt](file:greeting.txt).

## Write the Dockerfile {#write}

An image is built by a recipe, the **Dockerfile**. Save this one:

\`\`\`dockerfile file=Dockerfile
FROM busybox
COPY greeting.txt /
CMD ["cat", "/greeting.txt"]
\`\`\`

\`\`\`check
- dockerfile: Dockerfile
  instructions: [FROM busybox, COPY /greeting.txt/, CMD]
  say: The Dockerfile starts from busybox and copies the greeting
  hint: Press "Save as file" above, or type the three lines into a new file named Dockerfile.
\`\`\`

## Build and run it {#run}

\`\`\`sh
docker build -t {{user}}/greeting .
\`\`\`

\`\`\`sh
docker run --rm {{user}}/greeting
\`\`\`

It shows:

\`\`\`console
Hello from a container
\`\`\`

:::hint[It says "no such file or directory"?]
The last argument of \`docker build\` is the folder with the Dockerfile; \`.\` is the one you are in.
:::

\`\`\`check
- image: '{{user}}/greeting'
  base: busybox
- typed: docker run --rm {{user}}/greeting
\`\`\`

\`\`\`quiz
question: Which instruction names the image to start from?
options:
  - { text: FROM, correct: true, why: 'It is the first instruction of nearly every Dockerfile.' }
  - { text: COPY, why: It copies files into the image. }
\`\`\`

\`\`\`solution
docker build -t {{user}}/greeting .
docker run --rm {{user}}/greeting
\`\`\`
`;
}
