using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Numbers in, numbers out, for any number of inputs and outputs and as many runs as it takes. On a GPU the host writes the next run's values and reads those of the one before while one computes.</summary>
internal sealed unsafe class SpanBatches : IDisposable
{
    private readonly InferenceRunner runner;
    private readonly ModelLayout layout;
    private readonly StageClock clock;
    private readonly bool convert;
    private readonly Lock gate = new();
    private readonly OverlapMemory[] inputs;
    private readonly OverlapMemory[] outputs;
    private readonly CudaEvent?[] done = new CudaEvent?[2];
    private readonly Dims[] placed;

    public SpanBatches(InferenceRunner runner, ModelLayout layout, StageClock clock, bool convert)
    {
        (this.runner, this.layout, this.clock, this.convert) = (runner, layout, clock, convert);
        inputs = [.. layout.Inputs.Select(_ => new OverlapMemory(runner.Device))];
        outputs = [.. layout.Outputs.Select(_ => new OverlapMemory(runner.Device))];
        placed = [.. inputs.Select(_ => Dims.Unknown)];
        Overlaps = !runner.Device.IsHost;
    }

    /// <summary>Whether runs overlap with the host's work: not where the host is what computes.</summary>
    public bool Overlaps { get; set; }

    /// <summary>Runs all samples.</summary>
    /// <param name="given">For each input, in the model's order.</param>
    /// <param name="room">For each output.</param>
    /// <param name="written">How many values each output got.</param>
    /// <returns>How many samples there were.</returns>
    /// <exception cref="ArgumentException">The numbers do not fill samples, are not as many samples for each input, would lose by conversion, or there is too little room.</exception>
    public int Run(ReadOnlySpan<HostValues> given, ReadOnlySpan<HostValues> room, Span<long> written)
    {
        Check(given.Length, layout.Inputs.Length, "input");
        Check(room.Length, layout.Outputs.Length, "output");
        Span<Dims> shapes = stackalloc Dims[given.Length];
        int samples = Count(given, shapes);
        int most = !layout.HasBatch ? 1 : !layout.IsSeparable ? samples : layout.MaxRows(shapes);
        written.Clear();
        using InferenceContext context = runner.Rent();
        int begun = 0;
        if (Overlaps && samples > most && gate.TryEnter())
        {
            try
            {
                begun = RunOverlapped(context, given, room, shapes, written, samples, most);
            }
            finally
            {
                gate.Exit();
            }
        }

        for (int count; begun < samples; begun += count)
        {
            count = Math.Min(most, samples - begun);
            RunOne(context, given, room, shapes, written, samples, begun, count);
        }

        return samples;
    }

    public void Dispose()
    {
        Array.ForEach(inputs, memory => memory.Dispose());
        Array.ForEach(outputs, memory => memory.Dispose());
        Array.ForEach(done, one => one?.Dispose());
    }

    private static void Check(int given, int wanted, string what)
    {
        if (given != wanted)
        {
            throw new ArgumentException($"The model has {wanted} {what}s, but {given} are given: one for each, in the model's order.");
        }
    }

    /// <summary>Finds out how many samples there are, and the shapes of one.</summary>
    private int Count(ReadOnlySpan<HostValues> given, Span<Dims> shapes)
    {
        int samples = 0;
        for (int i = 0; i < given.Length; i++)
        {
            int count = SpanValues.Count(layout.Inputs[i], given[i].Length, out shapes[i]);
            if (i > 0 && count != samples)
            {
                throw new ArgumentException($"Input \"{layout.Inputs[i].Name}\" is given {count} samples, but \"{layout.Inputs[0].Name}\" {samples}.");
            }

            samples = count;
        }

        return samples;
    }

    private Dims ShapeOf(int input, int rows, in Dims sample) => layout.Inputs[input].HasBatch ? Shapes.With(rows, sample) : sample;

    private int Rows(ReadOnlySpan<Dims> shapes, int count) => layout.IsSeparable ? layout.Padded(shapes, count) : count;

    private void Write(int input, in HostValues given, Span<byte> target, int samples, int first, int count, int rows)
    {
        long length = given.Length / samples;
        SpanValues.Write(given.Bytes(first * length, count * length), given.Kind, target, rows, count, layout.Inputs[input], convert);
    }

    private void Read(int output, ReadOnlySpan<byte> values, in Dims shape, in HostValues room, ref long written, int count, int rows)
    {
        OutputInfo info = layout.Outputs[output];
        values = rows != count && info.HasBatch ? values[..(values.Length / rows * count)] : values;
        written += SpanValues.Read(values, info, shape, room.Bytes(written, room.Length - written), room.Kind);
    }

    private void RunOne(InferenceContext context, ReadOnlySpan<HostValues> given, ReadOnlySpan<HostValues> room, ReadOnlySpan<Dims> shapes, Span<long> written, int samples, int first, int count)
    {
        long start = SpanRun.Now;
        int rows = Rows(shapes, count);
        for (int i = 0; i < given.Length; i++)
        {
            InferenceTensor input = context.Inputs[i];
            input.Unbind();
            input.Shape = ShapeOf(i, rows, shapes[i]);
            Write(i, given[i], TensorBytes.Of(input), samples, first, count, rows);
        }

        start = clock.Add(Stage.Input, start);
        context.Run();
        start = clock.Add(Stage.Run, start);
        for (int i = 0; i < room.Length; i++)
        {
            Read(i, TensorBytes.Of(context.Outputs[i]), context.Outputs[i].Shape, room[i], ref written[i], count, rows);
        }

        clock.Add(Stage.Postprocess, start);
        clock.CountRun(count);
    }

    /// <summary>
    /// Two runs under way at once in one stream: the device takes the second up as soon as it is through with the first, while the host still reads that one's results. The runs are of equal size and use the same
    /// memory of the device, so that one execution context is enough and its graph can be launched again and again; for that the last one is filled up with zeros.
    /// </summary>
    /// <returns>How many samples are done: none where the shapes of outputs are not known before a run.</returns>
    private int RunOverlapped(InferenceContext context, ReadOnlySpan<HostValues> given, ReadOnlySpan<HostValues> room, ReadOnlySpan<Dims> shapes, Span<long> written, int samples, int rows)
    {
        if (Rows(shapes, rows) != rows || !TryPlace(context, shapes, rows))
        {
            return 0;
        }

        int runs = (samples + rows - 1) / rows;
        Span<long> starts = stackalloc long[2];
        try
        {
            for (int run = 0; run < runs + 2; run++)
            {
                int side = run & 1;
                if (run >= 2)
                {
                    int count = Math.Min(rows, samples - ((run - 2) * rows));
                    done[side]!.Synchronize();
                    long start = clock.Add(Stage.Run, starts[side]);
                    for (int i = 0; i < room.Length; i++)
                    {
                        Read(i, outputs[i].Host(side), context.Outputs[i].Shape, room[i], ref written[i], count, rows);
                    }

                    clock.Add(Stage.Postprocess, start);
                    clock.CountRun(count);
                }

                if (run < runs)
                {
                    int count = Math.Min(rows, samples - (run * rows));
                    long start = SpanRun.Now;
                    for (int i = 0; i < given.Length; i++)
                    {
                        Write(i, given[i], inputs[i].Host(side), samples, run * rows, count, rows);
                    }

                    starts[side] = clock.Add(Stage.Input, start);
                    Enqueue(context, side);
                }
            }
        }
        finally
        {
            context.Stream.Synchronize(); // nothing may be under way when somebody else uses the memory
            Release(context);
        }

        return samples;
    }

    private void Enqueue(InferenceContext context, int side)
    {
        foreach (OverlapMemory input in inputs)
        {
            input.ToDevice(side, context.Stream);
        }

        context.Enqueue();
        foreach (OverlapMemory output in outputs)
        {
            output.ToHost(side, context.Stream);
        }

        context.Stream.Record(done[side]!);
    }

    /// <summary>Lets the context use the memory of overlapped runs.</summary>
    /// <returns>False where an output's shape depends on data.</returns>
    private bool TryPlace(InferenceContext context, ReadOnlySpan<Dims> shapes, int rows)
    {
        bool isKnown = true;
        for (int i = 0; i < inputs.Length; i++)
        {
            InferenceTensor input = context.Inputs[i];
            if (input.Spec.IsOnHost)
            {
                return false;
            }

            Dims shape = ShapeOf(i, rows, shapes[i]);
            isKnown &= shape == placed[i];
            inputs[i].Need(Elements.Bytes(input.Spec.DataType, shape.Volume));
            input.Bind(inputs[i].Pointer, inputs[i].Bytes, shape);
        }

        if (isKnown)
        {
            // As in the call before. Asking for shapes would give the outputs other memory in between, and drop the graph.
            for (int i = 0; i < outputs.Length; i++)
            {
                context.Outputs[i].Bind(outputs[i].Pointer, outputs[i].Bytes);
            }

            return true;
        }

        Array.Fill(placed, Dims.Unknown);
        context.InferShapes();
        for (int i = 0; i < outputs.Length; i++)
        {
            InferenceTensor output = context.Outputs[i];
            if (!output.Shape.IsStatic || output.Spec.AliasedInput is not null || (layout.Outputs[i].HasBatch && layout.IsSeparable && output.Shape[0] != rows))
            {
                Release(context);
                return false;
            }

            outputs[i].Need(Elements.Bytes(output.Spec.DataType, output.ElementCount));
            output.Bind(outputs[i].Pointer, outputs[i].Bytes);
        }

        for (int i = 0; i < inputs.Length; i++)
        {
            placed[i] = ShapeOf(i, rows, shapes[i]);
        }

        for (int side = 0; side < done.Length; side++)
        {
            done[side] ??= new CudaEvent(context.Device, EventFlags.DisableTiming);
        }

        return true;
    }

    private static void Release(InferenceContext context)
    {
        foreach (InferenceTensor tensor in context.Tensors)
        {
            tensor.Unbind();
        }
    }
}
