namespace Trt.Lite;

/// <summary>Samples to run, and what becomes of them. Of different samples the members are called from several threads at once.</summary>
internal interface ISampleWork
{
    /// <summary>How many samples there are.</summary>
    int Count { get; }

    /// <summary>Does everything to an input of a sample but the writing.</summary>
    PreparedInput Prepare(int sample, int input);

    /// <summary>Device memory that stands for the sample's input, and for the samples behind it that it holds; null: there are values to write.</summary>
    DeviceItem? OnDevice(int sample, int input);

    /// <summary>
    /// How many samples, from this on, have to be alone in one run whose outputs are their result as a whole: batches in device memory, and those of models whose outputs cannot be told
    /// apart. 0: there is no such need.
    /// </summary>
    int Together(int sample);

    /// <summary>Takes the results.</summary>
    /// <param name="sample">The sample; the first, where several are together.</param>
    /// <param name="outputs">What the run has left.</param>
    /// <param name="row">The sample's place in the run; below 0: the outputs as a whole are the result.</param>
    /// <param name="placement">Where a picture's pixels went.</param>
    void Collect(int sample, RunOutputs outputs, int row, ImagePlacement? placement);

    /// <summary>A sample cannot be used, or its results cannot. May throw, which ends the work.</summary>
    void Fail(int sample, Exception reason);
}
