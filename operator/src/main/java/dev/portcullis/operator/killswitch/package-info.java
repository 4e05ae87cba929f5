/** KillSwitch: which policies it selects and which pods run it. */
@NullMarked
package dev.portcullis.operator.killswitch;

import org.jspecify.annotations.NullMarked;
