using Trt.Interop;

namespace Trt.Lite;

/// <summary>Gathers an output as it is.</summary>
internal sealed class RawCollector(OutputInfo output, int index) : OutputCollector(output.Name, [index])
{
    private (Dims Shape, byte[] Values)[] items = [];
    private (int Item, int Row)[] places = [];

    /// <summary>The form in which the inputs were given.</summary>
    public GivenKind Kind => Form.Kind;

    /// <summary>The values of each sample, or each batch.</summary>
    public RawItem[] Items => Array.ConvertAll(items, item => new RawItem(Name, Elements.KindOf(output.Type), item.Shape, item.Values));

    public override void Add(int sample, RunOutputs outputs, int row, ImagePlacement? placement)
    {
        OutputView view = outputs.View(index, row);
        (int item, int at) = places[sample];
        ref (Dims Shape, byte[] Values) place = ref items[item];
        if (row < 0 || Form.Kind is GivenKind.Sample or GivenKind.Samples)
        {
            place = (view.Shape, view.Bytes.ToArray());
            return;
        }

        Dims shape = Shapes.With(Form.Sizes[item], view.Shape);
        lock (items)
        {
            if (place.Values is null)
            {
                place = (shape, new byte[checked(Form.Sizes[item] * view.Bytes.Length)]);
            }
        }

        if (place.Shape != shape)
        {
            throw new InvalidOperationException($"Output \"{Name}\" has shape {Shapes.Text(view.Shape)} for this sample and {Shapes.Text(Shapes.WithoutFirst(place.Shape))} for others of its batch: give a list of samples.");
        }

        view.Bytes.CopyTo(place.Values.AsSpan(at * view.Bytes.Length));
    }

    public override TResult Get<TResult>()
    {
        Func<RawCollector, TResult> read = RawReader<TResult>.Instance ?? throw Refusal(typeof(TResult));
        try
        {
            return read(this);
        }
        catch (InvalidCastException error) when (error.Message.Length == 0)
        {
            throw Refusal(typeof(TResult));
        }
    }

    public override string Describe()
    {
        string element = Elements.NameOf(Elements.KindOf(output.Type));
        return Form.Kind switch
        {
            GivenKind.Sample => $"{element}[], an array of as many axes, or Tensor<{element}>",
            GivenKind.Batch => $"{element}[] with all samples, an array of as many axes, Tensor<{element}>, or {element}[][]",
            GivenKind.Samples => $"{element}[][] or Tensor<{element}>[]",
            _ => $"{element}[][] or Tensor<{element}>[], an item a batch, or {element}[][][]",
        };
    }

    protected override void MakeRoom()
    {
        items = new (Dims, byte[])[Form.Sizes.Length];
        places = new (int, int)[Form.Count];
        int next = 0;
        for (int item = 0; item < items.Length; item++)
        {
            for (int row = 0; row < Form.Sizes[item]; row++)
            {
                places[next++] = (item, row);
            }
        }

        // A batch without samples has no run to tell the shape.
        for (int item = 0; item < items.Length; item++)
        {
            if (Form.Sizes[item] == 0)
            {
                items[item] = ([0], []);
            }
        }
    }
}
