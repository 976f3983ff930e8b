namespace Trt.Lite;

/// <summary>What a post-processor is given: the outputs that it was registered for, of one sample.</summary>
/// <remarks>Valid during the call that it is given to.</remarks>
public readonly ref struct SampleOutputs
{
    private readonly RunOutputs? run;
    private readonly ReadOnlySpan<int> chosen;
    private readonly int row;
    private readonly OutputView only;

    /// <summary>One output by itself.</summary>
    /// <param name="output">The output.</param>
    /// <param name="placement">Where a picture's pixels went, where the sample is one.</param>
    public SampleOutputs(OutputView output, ImagePlacement? placement = null)
    {
        only = output;
        Placement = placement;
    }

    internal SampleOutputs(RunOutputs run, ReadOnlySpan<int> chosen, int row, ImagePlacement? placement)
    {
        this.run = run;
        this.chosen = chosen;
        this.row = row;
        Placement = placement;
    }

    /// <summary>How many outputs there are.</summary>
    public int Count => run is null ? 1 : chosen.Length;

    /// <summary>Where the pixels of the sample went in the tensor; null when it is no picture.</summary>
    public ImagePlacement? Placement { get; }

    /// <summary>The boxes that the device has made of the outputs; null: there are the outputs themselves.</summary>
    internal DetectionMemory? Detections => run is null || chosen.IsEmpty || row < 0 ? null : run.DetectionsOf(chosen[0]);

    /// <summary>The sample's place in its run.</summary>
    internal int Row => row;

    /// <summary>An output by its place in the list that the post-processor was registered for.</summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public OutputView this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return run is null ? only : run.View(chosen[index], row);
        }
    }

    /// <summary>An output by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">The post-processor was not registered for it.</exception>
    public OutputView this[string name]
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                if ((run is null ? only.Name : run.NameOf(chosen[i])) == name)
                {
                    return this[i];
                }
            }

            throw new KeyNotFoundException($"The post-processor was not registered for an output \"{name}\".");
        }
    }

    /// <summary>The output of a post-processor that was registered for one.</summary>
    /// <exception cref="InvalidOperationException">It was registered for several.</exception>
    public OutputView Only => Count == 1 ? this[0] : throw new InvalidOperationException($"This post-processor works on one output, but was registered for {Count}.");
}
