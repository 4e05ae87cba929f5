/** PodMonitor, PrometheusRule and dashboard of a DaemonSet. */
@NullMarked
package dev.portcullis.operator.monitoring;

import org.jspecify.annotations.NullMarked;
