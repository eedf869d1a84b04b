package saccade.kernels.image;

/**
 * The picture a model takes: its size, its patches and its normalisation.
 *
 * <p>A value v (0..255) of channel c becomes (v / 255 - mean[c]) / std[c], with channels in the
 * order R, G, B.
 *
 * @param widthPx width of the model's picture, a multiple of patchPx
 * @param heightPx height of the model's picture, a multiple of patchPx
 * @param patchPx side of a square patch
 * @param meanR mean of red, 0..1 scale (likewise G and B)
 * @param stdR standard deviation of red, 0..1 scale, positive (likewise G and B)
 */
public record PatchSpec(
    int widthPx,
    int heightPx,
    int patchPx,
    float meanR,
    float meanG,
    float meanB,
    float stdR,
    float stdG,
    float stdB) {

  public PatchSpec {
    if (patchPx <= 0) {
      throw new IllegalArgumentException("patch: wanted patchPx > 0, found " + patchPx);
    }
    if (widthPx <= 0 || heightPx <= 0 || widthPx % patchPx != 0 || heightPx % patchPx != 0) {
      throw new IllegalArgumentException(
          "model picture: wanted width and height > 0 and multiples of the patch side "
              + patchPx
              + " px, found "
              + widthPx
              + "x"
              + heightPx);
    }
    if (!(stdR > 0 && stdG > 0 && stdB > 0)) {
      throw new IllegalArgumentException(
          "normalisation: wanted std > 0 for R, G and B, found "
              + stdR
              + ", "
              + stdG
              + ", "
              + stdB);
    }
    if (!(Float.isFinite(meanR) && Float.isFinite(meanG) && Float.isFinite(meanB))) {
      throw new IllegalArgumentException(
          "normalisation: wanted finite means, found " + meanR + ", " + meanG + ", " + meanB);
    }
  }

  /** Same mean and standard deviation for all three channels. */
  public static PatchSpec of(int widthPx, int heightPx, int patchPx, float mean, float std) {
    return new PatchSpec(widthPx, heightPx, patchPx, mean, mean, mean, std, std, std);
  }

  /** Patches in a row of the patch grid. */
  public int patchCols() {
    return widthPx / patchPx;
  }

  /** Rows of the patch grid. */
  public int patchRows() {
    return heightPx / patchPx;
  }

  /** Floats of one patch: patchPx * patchPx * 3. */
  public int patchFloats() {
    return patchPx * patchPx * PixelFormat.CHANNELS;
  }

  /** Bytes of the patches buffer, f32 [patchRows * patchCols, patchFloats]. */
  public long patchesBytes() {
    return (long) widthPx * heightPx * PixelFormat.CHANNELS * Float.BYTES;
  }

  /** Bytes of the picture as u8 RGB without padding. */
  public long rgb8Bytes() {
    return (long) widthPx * heightPx * PixelFormat.CHANNELS;
  }

  /** Mean of channel 0 R, 1 G, 2 B. */
  public float mean(int channel) {
    return channel == 0 ? meanR : channel == 1 ? meanG : meanB;
  }

  /** Standard deviation of channel 0 R, 1 G, 2 B. */
  public float std(int channel) {
    return channel == 0 ? stdR : channel == 1 ? stdG : stdB;
  }

  /** Fills gain and bias of R, G, B, so that value * gain + bias normalises a value 0..255. */
  void gains(float[] gain, float[] bias) {
    for (int c = 0; c < PixelFormat.CHANNELS; c++) {
      gain[c] = (float) (1 / 255.0 / std(c));
      bias[c] = (float) (-(double) mean(c) / std(c));
    }
  }
}
