package saccade.kernels.image;

/** Plain Java twin and oracle of {@link VectorRowMath}. */
final class PlainRowMath implements RowMath {
  @Override
  public void begin(byte[] row, float weight, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = weight * (row[i] & 0xff);
    }
  }

  @Override
  public void add(byte[] row, float weight, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] += weight * (row[i] & 0xff);
    }
  }

  @Override
  public void addPair(byte[] upper, byte[] lower, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = (upper[i] & 0xff) + (lower[i] & 0xff);
    }
  }

  @Override
  public void finish(
      float[] sum, AxisWeights x, PixelFormat order, float[] gain, float[] bias, float[] out) {
    int red = order == PixelFormat.RGB8 ? 0 : 2;
    int blue = 2 - red;
    int[] start = x.start();
    int[] first = x.first();
    float[] weights = x.weights();
    for (int o = 0; o < start.length; o++) {
      int s = 3 * start[o];
      int k = first[o];
      float weight = weights[k];
      float r = weight * sum[s + red];
      float g = weight * sum[s + 1];
      float b = weight * sum[s + blue];
      for (k++; k < first[o + 1]; k++) {
        s += 3;
        weight = weights[k];
        r += weight * sum[s + red];
        g += weight * sum[s + 1];
        b += weight * sum[s + blue];
      }
      out[3 * o] = r * gain[red] + bias[red];
      out[3 * o + 1] = g * gain[1] + bias[1];
      out[3 * o + 2] = b * gain[blue] + bias[blue];
    }
  }

  @Override
  public void finishHalving(
      float[] sum, int pixels, PixelFormat order, float[] gain, float[] bias, float[] out) {
    int red = order == PixelFormat.RGB8 ? 0 : 2;
    int blue = 2 - red;
    for (int o = 0; o < pixels; o++) {
      int s = 6 * o;
      out[3 * o] = (sum[s + red] + sum[s + 3 + red]) * gain[red] + bias[red];
      out[3 * o + 1] = (sum[s + 1] + sum[s + 4]) * gain[1] + bias[1];
      out[3 * o + 2] = (sum[s + blue] + sum[s + 3 + blue]) * gain[blue] + bias[blue];
    }
  }
}
