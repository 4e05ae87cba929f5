/** What only the whole can show: the chart, the images, the dashboards, and one walk over a real Kubernetes node. */
@NullMarked
package dev.portcullis.e2e;

import org.jspecify.annotations.NullMarked;
