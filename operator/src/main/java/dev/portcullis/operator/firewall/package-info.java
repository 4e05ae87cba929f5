/** AgentPolicy: resolve, render, apply, ask pods, report. */
@NullMarked
package dev.portcullis.operator.firewall;

import org.jspecify.annotations.NullMarked;
